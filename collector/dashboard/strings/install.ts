/** Texts of the way from a site's pages to its first lead. `Backticks` are around code. */

const en = {
  install: {
    openDemo: 'Open the demo shop',
    demoHow: 'and click through it; then reload this page: your visit is here within a second.',
    tag: 'Paste this tag into every page',
    tagHow: 'Anywhere in the head. It records visits, pages, engaged time, downloads and cart adds.',
    versioned: 'A tag whose script never changes',
    versionedHow:
      'Browsers check its bytes (Subresource Integrity). It stays as it is through upgrades and changed settings, until you paste the one that is shown here then.',
    agrees: 'Tell it when a visitor agrees',
    agreesHow:
      'Until then nothing is kept in the browser, and a visit has no past and no future: who fills in a form becomes a lead without a history. Have your consent banner call this:',
    choices: 'Know what each choice means for your leads',
    choice: 'Choice',
    meaning: 'What it means for leads',
    without: '`required` (new sites), no banner',
    withoutMeans:
      'Visits are measured and nothing is kept in the browser. Leads come through forms alone, each with the visit of its form and no other.',
    with: '`required`, with a banner',
    withMeans:
      'Who says yes is known again for 389 days; what they did in the last 90 counts once they leave their name. Who says no is measured.',
    givenMeans: (site: string) =>
      `Every visitor is known again, from the first page. You say that you have consent in another way: \`leadwake site set ${site} --consent given\``,
    privacy: 'The browser asks for privacy (GPC, Do Not Track)',
    privacyMeans: 'Measured, whatever the setting, until the visitor says yes on your site.',
    cookieMeans:
      'The collector sets the cookie of who said yes. Without it Safari forgets them after seven days. Page and collector must share a domain.',
    form: 'Tell it who filled in a form',
    formHow:
      "Give the form these fields, which the script fills with the ids of visitor and page view, and where your server handles the form, pass them and the e-mail on, as `visitor` and `page`. What that visitor did before becomes the lead's history. `leadwake key new` makes a key.",
    open: 'Open a page of the site',
    openHow: 'Then reload this one: the visit is here within a second.',
    noPage: 'No page at hand?',
    demo: 'The demo site',
    demoShows: 'shows what it will look like.',
  },
}

const de: typeof en = {
  install: {
    openDemo: 'Den Demo-Shop öffnen',
    demoHow: 'und durchklicken; dann diese Seite neu laden: Ihr Besuch ist binnen einer Sekunde hier.',
    tag: 'Fügen Sie dieses Tag in jede Seite ein',
    tagHow: 'Irgendwo im Kopf. Es misst Besuche, Seiten, aktive Zeit, Downloads und Warenkorb-Zugänge.',
    versioned: 'Ein Tag, dessen Skript sich nie ändert',
    versionedHow:
      'Browser prüfen seine Bytes (Subresource Integrity). Es bleibt über Aktualisierungen und geänderte Einstellungen hinweg, bis Sie das dann hier gezeigte einfügen.',
    agrees: 'Sagen Sie ihm, wenn ein Besucher einwilligt',
    agreesHow:
      'Bis dahin wird im Browser nichts aufbewahrt, und ein Besuch hat weder Vergangenheit noch Zukunft: Wer ein Formular ausfüllt, wird ein Lead ohne Verlauf. Lassen Sie Ihr Einwilligungs-Banner dies aufrufen:',
    choices: 'Was jede Wahl für Ihre Leads bedeutet',
    choice: 'Wahl',
    meaning: 'Was sie für Leads bedeutet',
    without: '`required` (neue Websites), ohne Banner',
    withoutMeans:
      'Besuche werden gemessen, im Browser wird nichts aufbewahrt. Leads kommen nur durch Formulare, jeder mit dem Besuch seines Formulars und keinem anderen.',
    with: '`required`, mit Banner',
    withMeans:
      'Wer ja sagt, wird 389 Tage lang wiedererkannt; was in den letzten 90 geschah, zählt, sobald der Name da ist. Wer nein sagt, wird gemessen.',
    givenMeans: (site) =>
      `Jeder Besucher wird von der ersten Seite an wiedererkannt. Sie sagen, dass die Einwilligung auf anderem Weg vorliegt: \`leadwake site set ${site} --consent given\``,
    privacy: 'Der Browser bittet um Privatsphäre (GPC, Do Not Track)',
    privacyMeans: 'Wird gemessen, gleich welche Einstellung, bis der Besucher auf Ihrer Website ja sagt.',
    cookieMeans:
      'Der Collector setzt das Cookie derer, die ja sagten. Ohne es vergisst Safari sie nach sieben Tagen. Seite und Collector brauchen eine gemeinsame Domain.',
    form: 'Sagen Sie ihm, wer ein Formular ausgefüllt hat',
    formHow:
      'Geben Sie dem Formular diese Felder, die das Skript mit den Kennungen von Besucher und Seitenaufruf füllt, und geben Sie diese auf dem Server mit der E-Mail-Adresse als `visitor` und `page` weiter. Was der Besucher zuvor tat, wird der Verlauf des Leads. `leadwake key new` legt einen Schlüssel an.',
    open: 'Öffnen Sie eine Seite der Website',
    openHow: 'Dann diese hier neu laden: Der Besuch ist binnen einer Sekunde da.',
    noPage: 'Keine Seite zur Hand?',
    demo: 'Die Demo-Website',
    demoShows: 'zeigt, wie es aussehen wird.',
  },
}

export const installStrings = { en, de }
