/** The kinds of people who come to the demo's shop, and how many of them there are. */
import type { Habits } from './visit.ts'

export interface Persona {
  name: 'passer-by' | 'reader' | 'seeker' | 'evaluator' | 'buyer'
  habits: Habits
  visits: readonly [least: number, most: number]
  /** Median days between two visits. */
  pause: number
  /** Who sits at a desk, rather than holds a phone. */
  atDesk: number
  /** Probability that somebody leaves an e-mail address for the newsletter, and that somebody asks for an offer. */
  subscribes: number
  asks: number
}

const MONITORING = '/demo/services/condition-monitoring'
const RETROFIT = '/demo/services/retrofit'
const ARTICLE = '/demo/blog/bearing-failures'

/** Of a thousand visitors. Most are never known by name, and few come to ask. */
export const PERSONAS: readonly (readonly [perThousand: number, Persona])[] = [
  [
    672,
    {
      name: 'passer-by',
      habits: {
        draws: {
          '/demo/': 6,
          [MONITORING]: 4,
          [RETROFIT]: 2,
          [ARTICLE]: 4,
          '/demo/blog': 3,
          '/demo/about': 2,
          '/demo/pricing': 1,
        },
        goesOn: 0.34,
        patience: 0.55,
        downloads: 0.008,
        adds: 0.002,
      },
      visits: [1, 1],
      pause: 1,
      atDesk: 0.52,
      subscribes: 0.001,
      asks: 0,
    },
  ],
  [
    205,
    {
      name: 'reader',
      habits: {
        draws: {
          '/demo/': 3,
          '/demo/blog': 4,
          [ARTICLE]: 6,
          [MONITORING]: 3,
          [RETROFIT]: 2,
          '/demo/about': 1,
        },
        goesOn: 0.55,
        patience: 1.1,
        downloads: 0.03,
        adds: 0.004,
      },
      visits: [1, 3],
      pause: 9,
      atDesk: 0.62,
      subscribes: 0.03,
      asks: 0,
    },
  ],
  [
    38,
    {
      name: 'seeker',
      habits: {
        draws: { '/demo/careers': 8, '/demo/about': 5, '/demo/': 3, '/demo/blog': 1 },
        goesOn: 0.6,
        patience: 0.9,
        downloads: 0.005,
        adds: 0,
      },
      visits: [1, 3],
      pause: 3,
      atDesk: 0.5,
      subscribes: 0.01,
      asks: 0,
    },
  ],
  [
    68,
    {
      name: 'evaluator',
      habits: {
        draws: {
          [MONITORING]: 5,
          [RETROFIT]: 4,
          '/demo/pricing': 4,
          [ARTICLE]: 3,
          '/demo/': 2,
          '/demo/about': 1,
        },
        goesOn: 0.7,
        patience: 1.1,
        downloads: 0.09,
        adds: 0.03,
      },
      visits: [2, 5],
      pause: 6,
      atDesk: 0.85,
      subscribes: 0.3,
      asks: 0.03,
    },
  ],
  [
    17,
    {
      name: 'buyer',
      habits: {
        draws: {
          '/demo/pricing': 6,
          [MONITORING]: 5,
          [RETROFIT]: 4,
          '/demo/about': 2,
          [ARTICLE]: 2,
          '/demo/': 2,
          '/demo/cart': 1,
        },
        goesOn: 0.8,
        patience: 1.3,
        downloads: 0.14,
        adds: 0.1,
      },
      visits: [3, 8],
      pause: 4,
      atDesk: 0.92,
      subscribes: 0.25,
      asks: 0.72,
    },
  ],
]
