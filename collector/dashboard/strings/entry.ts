/** Texts of the ways in, of the account, and of what is told in place of a page. */

const en = {
  login: {
    title: 'Sign in',
    whose: "Leave it empty for the operator's password or an admin key.",
    secret: 'Password or admin key',
    neither: ["Neither at hand? On the collector's machine,", 'prints a key and a one-time link.'],
    moment: 'One moment',
    goOn: 'Go on',
    noSecret: 'That is neither the password nor an admin key.',
    nobody: 'There is nobody of that name with that password.',
    wait: (seconds: number) => `Too many wrong guesses. Try again in ${seconds} s.`,
  },
  account: {
    as: 'Signed in as',
    change: 'Change the password',
    choose: 'Choose a password',
    saved: 'The password is saved.',
    now: 'Password now',
    nowOrKey: 'Password now, or an admin key',
    fresh: 'New password',
    rule: (least: number) => `At least ${least} characters. A few words are easier to keep than signs.`,
    again: 'Once more',
    tooShort: (least: number) => `A password has at least ${least} characters.`,
    tooLong: (most: number) => `A password has at most ${most} characters.`,
    unequal: 'The two new passwords are not the same.',
    notKey: 'The first field is neither the password nor an admin key.',
    notPassword: 'The first field is not the password.',
  },
  told: {
    toOverview: 'To the overview',
    noPage: {
      title: 'There is no such page',
      text: 'The address may be mistyped, or what was here has been erased.',
    },
    missing: {
      title: 'There is no such page',
      text: 'The site, the person or the company is not known here; it may have been erased.',
    },
    notYours: {
      title: 'This is not for your role',
      text: 'Whoever runs the collector can give you another one.',
    },
    foreign: {
      title: 'This did not come from a page of ours',
      text: 'The request was made from another site, so nothing was done. Open the page here and try again.',
    },
    spent: {
      title: 'This link does not work any more',
      text: "A link works once and not for long. Print a new one on the collector's machine, or sign in with the password or an admin key.",
    },
    noSite: {
      title: 'There is no site yet',
      text: "Make the first one on the collector's machine; it prints the script tag for its pages.",
      again: 'Look again',
    },
  },
}

const de: typeof en = {
  login: {
    title: 'Anmelden',
    whose: 'Leer lassen für das Passwort des Betreibers oder einen Admin-Schlüssel.',
    secret: 'Passwort oder Admin-Schlüssel',
    neither: [
      'Beides nicht zur Hand? Auf der Maschine des Collectors gibt',
      'einen Schlüssel und einen Einmal-Link aus.',
    ],
    moment: 'Einen Moment',
    goOn: 'Weiter',
    noSecret: 'Das ist weder das Passwort noch ein Admin-Schlüssel.',
    nobody: 'Niemand dieses Namens hat dieses Passwort.',
    wait: (seconds) => `Zu viele falsche Versuche. Versuchen Sie es in ${seconds} s noch einmal.`,
  },
  account: {
    as: 'Angemeldet als',
    change: 'Passwort ändern',
    choose: 'Passwort wählen',
    saved: 'Das Passwort ist gespeichert.',
    now: 'Bisheriges Passwort',
    nowOrKey: 'Bisheriges Passwort oder ein Admin-Schlüssel',
    fresh: 'Neues Passwort',
    rule: (least) => `Mindestens ${least} Zeichen. Ein paar Wörter merken sich leichter als Sonderzeichen.`,
    again: 'Noch einmal',
    tooShort: (least) => `Ein Passwort hat mindestens ${least} Zeichen.`,
    tooLong: (most) => `Ein Passwort hat höchstens ${most} Zeichen.`,
    unequal: 'Die beiden neuen Passwörter sind nicht gleich.',
    notKey: 'Im ersten Feld steht weder das Passwort noch ein Admin-Schlüssel.',
    notPassword: 'Im ersten Feld steht nicht das Passwort.',
  },
  told: {
    toOverview: 'Zur Übersicht',
    noPage: {
      title: 'Diese Seite gibt es nicht',
      text: 'Die Adresse ist vielleicht vertippt, oder was hier war, ist gelöscht.',
    },
    missing: {
      title: 'Diese Seite gibt es nicht',
      text: 'Die Website, die Person oder die Firma ist hier nicht bekannt; vielleicht ist sie gelöscht.',
    },
    notYours: {
      title: 'Das ist nicht für Ihre Rolle',
      text: 'Wer den Collector betreibt, kann Ihnen eine andere geben.',
    },
    foreign: {
      title: 'Das kam nicht von einer unserer Seiten',
      text: 'Die Anfrage kam von einer anderen Website, darum ist nichts geschehen. Öffnen Sie die Seite hier und versuchen Sie es noch einmal.',
    },
    spent: {
      title: 'Dieser Link geht nicht mehr',
      text: 'Ein Link geht einmal und nicht lange. Lassen Sie auf der Maschine des Collectors einen neuen ausgeben, oder melden Sie sich mit Passwort oder Admin-Schlüssel an.',
    },
    noSite: {
      title: 'Es gibt noch keine Website',
      text: 'Legen Sie die erste auf der Maschine des Collectors an; das Tag für ihre Seiten wird dann ausgegeben.',
      again: 'Noch einmal nachsehen',
    },
  },
}

export const entryStrings = { en, de }
