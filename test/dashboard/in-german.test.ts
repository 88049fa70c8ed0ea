import { describe, expect, it } from 'vitest'
import { inGerman } from '../../collector/dashboard/strings/in-german.ts'
import { inWords, refusal } from '../../collector/lead/decide.ts'
import { nextStep } from '../../collector/lead/next-step.ts'
import { PRESETS } from '../../collector/lead/presets/presets.ts'
import { compile } from '../../collector/lead/rules.ts'
import { because } from '../../collector/lead/why.ts'
import { GONE } from '../../collector/webhook/deliver.ts'
import { DECISIONS, REJECT_REASONS, SERVER_SIGNALS, STAGES } from '../../shared/lead.ts'
import { at, standard } from '../lead/standard.ts'
import { STORIES, tell } from '../lead/tell.ts'

/** Words that no German sentence of ours holds. */
const ENGLISH =
  /\b(because|visits?|days?|minutes?|views?|fields?|known|unknown|below|left|identified|verified|sales|by|until|before|accept|reject|call|wait|the|step|offer|today|is|not|due)\b/i
const german = (sentence: string) => {
  const told = inGerman(sentence)
  expect(told).not.toBe(sentence)
  expect(told, sentence).not.toMatch(ENGLISH)
  return told
}

describe('in German stands', () => {
  it('why anybody of the stories moved', () => {
    const moves = STORIES.flatMap((story) => tell(story).changes)
    expect(moves.length).toBeGreaterThan(20)
    for (const { to, why } of moves) german(because(to, why))
  })

  it('what sales decided, with its reason, its worth and its day', () => {
    const said = { id: { ms: 0, key: 1 }, at: at(0), by: 'Ann', reason: null, until: null, value: null }
    for (const decision of DECISIONS) german(because('mql', inWords({ ...said, decision })))
    for (const reason of REJECT_REASONS)
      german(because('mql', inWords({ ...said, decision: 'reject', reason })))
    expect(inGerman(because('customer', inWords({ ...said, decision: 'won', value: 12.5 })))).toBe(
      'Kunde, weil: gewonnen, 12,5',
    )
    const later = inWords({ ...said, decision: 'reject', reason: 'bad_timing', until: at(50) })
    expect(inGerman(later)).toBe('vom Vertrieb abgelehnt: Falscher Zeitpunkt, nicht vor 2024-11-20')
    expect(inGerman(inWords({ ...said, decision: 'lost', reason: 'chose: won; lost' }))).toContain(
      'verloren: chose',
    )
  })

  it('why a decision is refused', () => {
    const refused = STAGES.flatMap((stage) =>
      [true, false].flatMap((accepted) =>
        DECISIONS.flatMap((decision) => refusal({ stage, accepted }, { decision }) ?? []),
      ),
    )
    expect(refused.length).toBeGreaterThan(20)
    for (const sentence of refused) german(sentence)
    expect(
      inGerman(
        "'accept' is for the stage SQL, and the lead stands at MQL; last decided by Ann at 2026-11-03T09:00:00Z: rejected by sales: no budget",
      ),
    ).toBe(
      '„Annehmen“ gilt für die Stufe SQL, und der Lead steht auf MQL; zuletzt entschieden von Ann um 2026-11-03T09:00:00Z: vom Vertrieb abgelehnt: Kein Budget',
    )
  })

  it('what the presets say to do next, in each state', () => {
    for (const preset of Object.values(PRESETS)) {
      const compiled = compile(preset)
      if (!compiled.ok) throw new Error('the preset does not hold')
      for (const stage of STAGES)
        for (const accepted of [true, false])
          for (const past of [at(0), at(9)])
            german(nextStep({ stage, accepted, coolUntil: past }, past, compiled.rules, at(5)))
    }
  })

  it.each([
    ['Came to the site from google.com', 'Kam auf die Website von google.com'],
    ['Came to the site', 'Kam auf die Website'],
    ['Read Pricing', 'Pricing gelesen'],
    ['Downloaded guide.pdf', 'guide.pdf heruntergeladen'],
    ['Added 2 x NL-40 to the cart', '2 x NL-40 in den Warenkorb gelegt'],
    ['Added NL-40 to the cart', 'NL-40 in den Warenkorb gelegt'],
    ['Followed a link to https://x.example/', 'Folgte einem Link zu https://x.example/'],
    ['Submitted the form quote', 'Formular quote abgeschickt'],
    [
      'Became SQL: demo requested on 3 May; fit unknown',
      'Wurde SQL: Demo angefragt am 3. Mai; Passung unbekannt',
    ],
    ['unsubscribed on 1 Mar, no visit since', 'am 1. März abbestellt, seitdem kein Besuch'],
    [GONE, 'der Empfänger hat mit 410 Gone geantwortet'],
    ["the site 'shop' exists", 'die Website „shop“ gibt es schon'],
    [
      'retention must be whole days from 90 to 36500, or null to keep all',
      'retention muss in ganzen Tagen von 90 bis 36500 sein, oder leer, um alles zu behalten',
    ],
  ])('%s', (english, told) => {
    expect(inGerman(english)).toBe(told)
  })

  it('every signal that other systems send', () => {
    for (const name of SERVER_SIGNALS) german(name.replaceAll('_', ' '))
  })
})

it.each([
  'Ring at once, they like it.',
  'Read',
  '',
  'constructor',
  '__proto__',
  'A label on 33 Foo',
  `${'a; '.repeat(5_000)}`,
])('what is the own text of a site stays: %.30s', (text) => {
  expect(inGerman(text)).toBe(text)
})

it('a sentence in a state before a text of the own is told, the text stays', () => {
  const rules = standard((document) => {
    document.stages.sql.nextStep = 'Ring at once.'
  })
  expect(inGerman(nextStep({ stage: 'sql', accepted: false, coolUntil: 0 }, at(0), rules, at(1)))).toBe(
    'Überfällig: Eine Antwort war am 1. Okt. fällig. Ring at once.',
  )
})
