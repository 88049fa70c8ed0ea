import { describe, expect, it } from 'vitest'
import type { GateDocument } from '../../collector/lead/gate.ts'
import { replayLead } from '../../collector/lead/replay.ts'
import type { ContactFacts, TrackedEvent } from '../../collector/lead/state.ts'
import { at, DAY_0, event, facts, standard } from './standard.ts'

/** Two visits on neighbouring days: three minutes on a service page, then the prices. */
const visits: TrackedEvent[] = [
  event('page', at(0, 9), { path: '/services/a' }),
  event('engage', at(0, 9, 4), { page: { ms: at(0, 9), key: 0 }, ms: 180_000, scroll: 80 }, 1),
  event('page', at(1, 9), { path: '/pricing' }),
]
const signal = (name: string) => event('signal', at(0, 8), { name })
/** Five visits in a week, then none; an e-mail is clicked three weeks later. */
const cooling = [
  ...[0, 1, 2, 3, 4].map((day) => event('page', at(day, 9), { path: '/' })),
  event('signal', at(25, 9), { name: 'email_click' }),
]

describe('a gate of mql', () => {
  it.each<[string, GateDocument, TrackedEvent[], Partial<ContactFacts>, boolean]>([
    ['engagement reached', { engagement: 14 }, visits, {}, true],
    ['engagement missed', { engagement: 16 }, visits, {}, false],
    ['visits', { visits: 2 }, visits, {}, true],
    ['too few visits', { visits: 3 }, visits, {}, false],
    ['engaged minutes', { engagedMinutes: 3 }, visits, {}, true],
    ['intent views', { intentViews: 2 }, visits, {}, true],
    ['fit, unknown being 50', { fit: 50 }, visits, {}, true],
    ['fit of a free mail address', { fit: 50 }, visits, { email: 'ann@gmail.com' }, false],
    ['consent that was given', { consent: true }, visits, { consent: true }, true],
    ['consent of which nothing is known', { consent: true }, visits, {}, false],
    ['no consent', { not: { consent: true } }, visits, {}, true],
    ['a raised hand', { handRaise: true }, [signal('demo_requested'), ...visits], { verified: false }, true],
    ['no raised hand', { not: { handRaise: true } }, visits, {}, true],
    [
      'a visit after unsubscribing',
      { unsubscribed: true },
      [signal('email_unsubscribe'), ...visits],
      {},
      true,
    ],
    ['never unsubscribed', { unsubscribed: false }, visits, {}, true],
    ['a complaint', { suppressed: true }, [signal('email_complaint'), ...visits], {}, true],
    ['steady visits', { not: { any: [{ cooling: true }, { rising: true }] } }, visits, {}, true],
    ['visits that did not cool yet', { cooling: true }, cooling.slice(0, 5), {}, false],
    ['cooling visits', { all: [{ visits: 1 }, { cooling: true }] }, cooling, {}, true],
    ['all of several', { all: [{ visits: 2 }, { not: { engagement: 50 } }] }, visits, {}, true],
    ['not all of several', { not: { all: [{ visits: 2 }, { intentViews: 2 }] } }, [visits[2]!], {}, true],
  ])('%s', (_, enter, events, known, opens) => {
    const rules = standard(({ stages }) => {
      stages.mql.enter = { all: [{ intentViews: 0 }, enter] }
    })
    const { changes } = replayLead(
      [events],
      facts({ identifiedAt: at(0), ...known }),
      rules,
      at(40),
      DAY_0 + 36,
    )
    expect(changes.some(({ to }) => to === 'mql')).toBe(opens)
  })
})
