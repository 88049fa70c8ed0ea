/**
 * Sentences that the collector keeps and answers in English, in German: why somebody moved, what to do next, what a
 * line of the timeline is, why something was refused. What is not known here, such as a text of the site's own, stays
 * as it is.
 */
import { leadStrings } from './lead.ts'
import { reasonStrings } from './reasons.ts'

const { past: _, ...SALES } = leadStrings.de.sales
const REASONS: Record<string, string> = Object.fromEntries(
  Object.entries(reasonStrings.de).map(([reason, text]) => [reason.replaceAll('_', ' '), text]),
)

const MONTHS: Record<string, string> = {
  ...{ Jan: 'Jan.', Feb: 'Feb.', Mar: 'März', Apr: 'Apr.', May: 'Mai', Jun: 'Juni' },
  ...{ Jul: 'Juli', Aug: 'Aug.', Sep: 'Sept.', Oct: 'Okt.', Nov: 'Nov.', Dec: 'Dez.' },
}
const STAGES: Record<string, string> = {
  visitor: 'Besucher',
  lead: 'Lead',
  mql: 'MQL',
  sql: 'SQL',
  opportunity: 'Verkaufschance',
  customer: 'Kunde',
  disqualified: 'Ausgeschlossen',
}
const TRENDS: Record<string, string> = { rising: 'steigend', steady: 'gleichbleibend', cooling: 'abkühlend' }

/** What other systems and people tell of somebody. */
const SIGNALS: Record<string, string> = {
  'email opt in': 'E-Mails bestellt',
  'email open': 'E-Mail geöffnet',
  'email click': 'In E-Mail geklickt',
  'email reply': 'Auf E-Mail geantwortet',
  'email unsubscribe': 'E-Mails abbestellt',
  'email bounce': 'E-Mail unzustellbar',
  'email complaint': 'Über E-Mail beschwert',
  'webinar registered': 'Zum Webinar angemeldet',
  'webinar attended': 'Am Webinar teilgenommen',
  'survey answered': 'Umfrage beantwortet',
  'video watched': 'Video angesehen',
  'chat started': 'Chat begonnen',
  'social message': 'In sozialem Netz geschrieben',
  'callback requested': 'Rückruf bestellt',
  'product question': 'Frage zum Produkt',
  'demo requested': 'Demo angefragt',
  'trial started': 'Testphase begonnen',
  'meeting booked': 'Termin gebucht',
  'quote requested': 'Angebot angefragt',
  'referred by customer': 'Von Kunden empfohlen',
  'purchase date stated': 'Kaufzeitpunkt genannt',
  'no response': 'Keine Antwort',
  'mails ignored': 'E-Mails nicht beachtet',
}

/** What the presets say to do next. */
const STEPS: Record<string, string> = {
  'Nothing to do: the person is anonymous.': 'Nichts zu tun: Die Person ist anonym.',
  'Wait: offer a guide or the newsletter, do not call.':
    'Warten: einen Leitfaden oder den Newsletter anbieten, nicht anrufen.',
  'Nurture by e-mail with what they read; do not call yet.':
    'Per E-Mail mit dem versorgen, was gelesen wurde; noch nicht anrufen.',
  'Call today: accept the lead, then offer a demo or a quote.':
    'Heute anrufen: den Lead annehmen, dann eine Demo oder ein Angebot anbieten.',
  'Offer a demo or a quote, then say what came of it: opportunity, won or lost.':
    'Eine Demo oder ein Angebot anbieten, dann sagen, was daraus wurde: Verkaufschance, gewonnen oder verloren.',
  'Follow up on the offer.': 'Beim Angebot nachfassen.',
  'Keep in touch; ask for a recommendation.': 'In Verbindung bleiben; um eine Empfehlung bitten.',
  'Nothing to do.': 'Nichts zu tun.',
}

const word = (words: Record<string, string>, text: string): string | undefined =>
  Object.hasOwn(words, text) ? words[text] : undefined
const number = (text: string): string => text.replace('.', ',')
const counted = (n: string, one: string, more: string): string => `${n} ${n === '1' ? one : more}`
const date = (day: string, month: string): string => `${day}. ${word(MONTHS, month) ?? month}`
const stage = (name: string): string => word(STAGES, name.toLowerCase()) ?? name
const signal = (name: string): string => word(SIGNALS, name.toLowerCase()) ?? name
const list = (text: string, of: (part: string) => string, sign: string): string =>
  text.split(sign).map(of).join(sign)

type Pattern = [english: RegExp, german: (...parts: string[]) => string]
const first = (patterns: readonly Pattern[], text: string): string | undefined => {
  for (const [english, german] of patterns) {
    const found = english.exec(text)
    if (found) return german(...found.slice(1).map((part) => part ?? ''))
  }
  return undefined
}

const DATE = '(\\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
const DECIDED: [string, string][] = [
  ['accepted by sales', 'vom Vertrieb angenommen'],
  ['rejected by sales', 'vom Vertrieb abgelehnt'],
  ['recycled by sales', 'vom Vertrieb zurückgegeben'],
  ['made an opportunity', 'zur Verkaufschance gemacht'],
  ['won', 'gewonnen'],
  ['lost', 'verloren'],
  ['disqualified', 'ausgeschlossen'],
  ['restored', 'wieder aufgenommen'],
]

/** Parts of a reason, which stand between semicolons. */
const CAUSES: Pattern[] = [
  [
    /^engagement ([\d.-]+): (\d+) visits?, (\d+) engaged minutes?, (\d+) intent views? in (\d+) days?$/,
    (points, visits, minutes, views, days) =>
      `Engagement ${number(points!)}: ${counted(visits!, 'Besuch', 'Besuche')}, ${counted(minutes!, 'aktive Minute', 'aktive Minuten')}, ${counted(views!, 'kaufnahe Seite', 'kaufnahe Seiten')} in ${days} Tagen`,
  ],
  [
    /^engagement ([\d.-]+), below ([\d.]+) for (\d+) days?$/,
    (points, least, days) =>
      `Engagement ${number(points!)}, seit ${counted(days!, 'Tag', 'Tagen')} unter ${number(least!)}`,
  ],
  [/^visits cooling for (\d+) days?$/, (days) => `Besuche seit ${counted(days!, 'Tag', 'Tagen')} rückläufig`],
  [/^trend (rising|steady|cooling)$/, (trend) => `Trend ${TRENDS[trend!]}`],
  [/^fit unknown$/, () => 'Passung unbekannt'],
  [
    /^fit (\d+) of 100, (\d+) of (\d+) fields known$/,
    (fit, known, fields) => `Passung ${fit} von 100, ${known} von ${fields} Feldern bekannt`,
  ],
  [
    /^(left an e-mail address|identified)(, not verified)?$/,
    (how, doubt) =>
      `${how === 'identified' ? 'namentlich bekannt' : 'E-Mail-Adresse hinterlassen'}${doubt ? ', nicht bestätigt' : ''}`,
  ],
  [/^complained about e-mail$/, () => 'über E-Mail beschwert'],
  [
    new RegExp(`^unsubscribed on ${DATE}, no visit since$`),
    (day, month) => `am ${date(day!, month!)} abbestellt, seitdem kein Besuch`,
  ],
  [
    new RegExp(`^(.+) on ${DATE}, over (\\d+) days? ago$`, 's'),
    (what, day, month, days) => `${signal(what!)} am ${date(day!, month!)}, vor über ${days} Tagen`,
  ],
  [new RegExp(`^(.+) on ${DATE}$`, 's'), (what, day, month) => `${signal(what!)} am ${date(day!, month!)}`],
  [/^not answered by sales by (.+)$/, (at) => `vom Vertrieb nicht beantwortet bis ${at}`],
  ...DECIDED.map(
    ([english, german]): Pattern => [
      new RegExp(`^${english}(, [\\d.]+)?(?:: (.*?))?(?:, not before (\\d{4}-\\d\\d-\\d\\d))?$`, 's'),
      (worth, why, until) =>
        german +
        (worth ? number(worth) : '') +
        (why ? `: ${word(REASONS, why) ?? why}` : '') +
        (until ? `, nicht vor ${until}` : ''),
    ],
  ),
]

const cause = (text: string): string => first(CAUSES, text) ?? text
const causes = (text: string): string => list(text, cause, '; ')

/** Refusals of forms; what names a field keeps its name. */
const REFUSED: Pattern[] = [
  [/^the lead is accepted already$/, () => 'der Lead ist schon angenommen'],
  [
    /^'(\w+)' is for the stage ([^;]+), and the lead stands at (\w+)$/,
    (decision, from, at) =>
      `„${word(SALES, decision!) ?? decision}“ gilt für die Stufe ${list(from!, stage, ', ')}, und der Lead steht auf ${stage(at!)}`,
  ],
  [
    /^last decided by (.+?) at (\S+): (.*)$/s,
    (by, at, what) => `zuletzt entschieden von ${by} um ${at}: ${cause(what!)}`,
  ],
  [
    /^expectedVersion: somebody has decided since, look at the lead again$/,
    () => 'inzwischen hat jemand anders entschieden, sehen Sie den Lead noch einmal an',
  ],
  [/^until: send a time after the decision$/, () => 'Der Tag muss nach der Entscheidung liegen'],
  [
    /^until goes with a rejection for bad_timing only; leave it out$/,
    () => 'Ein Tag gehört nur zu einer Ablehnung wegen falschen Zeitpunkts; lassen Sie ihn weg',
  ],
  [/^the receiver answered 410 Gone$/, () => 'der Empfänger hat mit 410 Gone geantwortet'],
  [/^no such lead$/, () => 'diesen Lead gibt es nicht'],
  [
    /^there is no such (key|webhook)(?: for this key)?$/,
    (what) => `diesen ${what === 'key' ? 'Schlüssel' : 'Webhook'} gibt es nicht`,
  ],
  [/^there is nobody of that id$/, () => 'diese Person gibt es nicht'],
  [
    /^that key is revoked or has expired; make a new one$/,
    () => 'der Schlüssel ist widerrufen oder abgelaufen; legen Sie einen neuen an',
  ],
  [
    /^that webhook is disabled; enable it first$/,
    () => 'der Webhook ist ausgeschaltet; schalten Sie ihn erst ein',
  ],
  [
    /^(\w+): somebody else signs in by that name; choose another$/,
    (field) => `${field}: Unter diesem Namen meldet sich schon jemand an; wählen Sie einen anderen`,
  ],
  [/^(\w+): send a time to come$/, (field) => `${field}: Geben Sie einen Tag an, der noch kommt`],
  [/^the site '(.+)' exists$/, (id) => `die Website „${id}“ gibt es schon`],
  [/^(\w+) must not be empty$/, (field) => `${field} darf nicht leer sein`],
  [/^(\w+) must be 1 to (\d+) characters$/, (field, most) => `${field} muss 1 bis ${most} Zeichen haben`],
  [
    /^(\w+) must have at least (\d+) characters$/,
    (field, least) => `${field} muss mindestens ${least} Zeichen haben`,
  ],
  [
    /^(\w+) may have at most (\d+) characters$/,
    (field, most) => `${field} darf höchstens ${most} Zeichen haben`,
  ],
  [/^(\w+) may hold A-Z a-z 0-9 _ - only$/, (field) => `${field} darf nur A-Z a-z 0-9 _ - enthalten`],
  [/^(\w+) must be one of (.+)$/s, (field, all) => `${field} muss eines von diesen sein: ${all}`],
  [
    /^(\w+) must name (?:at least one|one at least, or \* for all)$/,
    (field) => `${field} muss mindestens eines nennen`,
  ],
  [
    /^hosts must be host names such as (\S+), without https:\/\/ or \/$/,
    (host) => `hosts müssen Hostnamen wie ${host} sein, ohne https:// und /`,
  ],
  [
    /^retention must be whole days from (\d+) to (\d+), or null to keep all$/,
    (least, most) =>
      `retention muss in ganzen Tagen von ${least} bis ${most} sein, oder leer, um alles zu behalten`,
  ],
  [/^(\w+) must be points from 0 to 100$/, (field) => `${field} muss zwischen 0 und 100 Punkten liegen`],
  [/^(\w+) must be a day or a time, like (\S+)$/, (field, day) => `${field} muss ein Tag wie ${day} sein`],
  [
    /^'(.*)' is not a time zone; write one of the IANA database.*$/s,
    (zone) => `die Zeitzone „${zone}“ gibt es nicht; schreiben Sie sie wie Europe/Berlin`,
  ],
  [
    /^(\w+) must be one of the IANA database, like (\S+), or UTC$/,
    (field, zone) => `${field} muss eine Zeitzone der IANA-Datenbank sein, wie ${zone}, oder UTC`,
  ],
  [
    /^people of '(.+)' were erased, and numbers made again would be lower .*$/s,
    (site) =>
      `von „${site}“ wurden Personen gelöscht, und neu gezählte Zahlen wären um das niedriger, was sie getan haben`,
  ],
  [/^url must begin with https:\/\/$/, () => 'url muss mit https:// beginnen'],
  [/^url must be an address like (\S+)$/, (url) => `url muss eine Adresse wie ${url} sein`],
  [
    /^url names (?:an address that is not public|a host of a private network); the operator may allow it with LEADWAKE_WEBHOOK_ALLOW$/,
    () => 'url führt in ein privates Netz; der Betreiber kann das mit LEADWAKE_WEBHOOK_ALLOW erlauben',
  ],
]

/** What the collector tells its operator. */
const ALARMS: Pattern[] = [
  [
    /^the intake log is full: beacons are refused until projection has caught up \(LEADWAKE_LOG_LIMIT\)$/,
    () =>
      'das Eingangsprotokoll ist voll: Beacons werden abgewiesen, bis die Auswertung aufgeholt hat (LEADWAKE_LOG_LIMIT)',
  ],
  [/^projection stands still: (.*)$/s, (why) => `die Auswertung steht: ${why}`],
  [
    /^the write-ahead log of the (state|log) has grown to (\d+) MiB: .*$/,
    (file, size) =>
      `das Write-Ahead-Log ${file === 'log' ? 'des Protokolls' : 'der Datenbank'} ist auf ${size} MiB gewachsen: Beenden Sie, was die Datei so lange liest`,
  ],
]

/** Lines of the timeline. */
const LINES: Pattern[] = [
  [/^Came to the site from (.*)$/s, (from) => `Kam auf die Website von ${from}`],
  [/^Came to the site$/, () => 'Kam auf die Website'],
  [/^Read (.*)$/s, (title) => `${title} gelesen`],
  [/^Downloaded (.*)$/s, (file) => `${file} heruntergeladen`],
  [
    /^Added (?:(\d+) x )?(.*) to the cart$/s,
    (n, what) => `${n ? `${n} x ` : ''}${what} in den Warenkorb gelegt`,
  ],
  [/^Followed a link to (.*)$/s, (url) => `Folgte einem Link zu ${url}`],
  [/^Submitted the form (.*)$/s, (form) => `Formular ${form} abgeschickt`],
  [/^Did (.*)$/s, (name) => `${name} ausgelöst`],
  [/^Became (\w+): (.*)$/s, (to, why) => `Wurde ${stage(to!)}: ${causes(why!)}`],
]

const SENTENCES: Pattern[] = [
  [
    /^(MQL|SQL|Visitor|Lead|Opportunity|Customer|Disqualified) because: (.*)$/s,
    (to, why) => `${stage(to!)}, weil: ${causes(why!)}`,
  ],
  [
    new RegExp(`^Overdue: an answer was due on ${DATE}\\. (.*)$`, 's'),
    (day, month, step) =>
      `Überfällig: Eine Antwort war am ${date(day!, month!)} fällig. ${word(STEPS, step!) ?? step}`,
  ],
  [
    new RegExp(`^Cooling down until ${DATE}: nothing promotes before\\. (.*)$`, 's'),
    (day, month, step) =>
      `Abkühlzeit bis ${date(day!, month!)}: Vorher führt nichts zum Aufstieg. ${word(STEPS, step!) ?? step}`,
  ],
]

/** A sentence of the collector in German; as it is where it is none of them. */
export function inGerman(text: string): string {
  const known = word(STEPS, text) ?? word(SIGNALS, text.toLowerCase())
  if (known !== undefined) return known
  const whole = first([...SENTENCES, ...LINES, ...ALARMS], text)
  if (whole !== undefined) return whole
  return list(text, (part) => first(REFUSED, part) ?? cause(part), '; ')
}
