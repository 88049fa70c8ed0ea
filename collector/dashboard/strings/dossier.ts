/** Texts of the dossier, a lead on one sheet. */

const en = {
  dossier: {
    title: (name: string) => `Dossier: ${name}`,
    back: 'Back to the lead',
    ofHundred: 'of 100',
    known: (known: number, fields: number) => `with ${known} of ${fields} fields known`,
    visits: (n: string) => (n === '1' ? '1 visit' : `${n} visits`),
    firstFrom: 'first from',
    unknownSource: 'an unknown source',
    due: 'An answer is due',
    noted: 'Notes and decisions',
    team: 'Team of',
    points: (points: string) => `${points} points`,
    read: 'Read and downloaded',
    nothing: 'Nothing that is known.',
    downloaded: 'Downloaded',
    times: (n: string) => (n === '1' ? 'once' : `${n} times`),
    way: 'The way to today',
  },
}

const de: typeof en = {
  dossier: {
    title: (name) => `Dossier: ${name}`,
    back: 'Zurück zum Lead',
    ofHundred: 'von 100',
    known: (known, fields) => `bei ${known} von ${fields} bekannten Feldern`,
    visits: (n) => (n === '1' ? '1 Besuch' : `${n} Besuche`),
    firstFrom: 'zuerst über',
    unknownSource: 'eine unbekannte Quelle',
    due: 'Eine Antwort ist fällig:',
    noted: 'Notizen und Entscheidungen',
    team: 'Team von',
    points: (points) => `${points} Punkte`,
    read: 'Gelesen und geladen',
    nothing: 'Nichts, das bekannt wäre.',
    downloaded: 'Geladen:',
    times: (n) => (n === '1' ? 'einmal' : `${n} Mal`),
    way: 'Der Weg bis heute',
  },
}

export const dossierStrings = { en, de }
