/**
 * IAB TCF: 1 is storing on the device, 8 measuring content; not while its banner is open (`cmpuishown`; the others
 * are `tcloaded` and `useractioncomplete`), and never against an opt-out. Where there is no manager this fails.
 * https://github.com/InteractiveAdvertisingBureau/GDPR-Transparency-and-Consent-Framework
 */
import { FLAG } from '../../shared/protocol.ts'

__tcfapi(
  'addEventListener',
  2,
  $safe(
    (data) =>
      $choice & FLAG.optOut ||
      (data.eventStatus > 'e' && $leadwake.consent(data.purpose.consents[1] && data.purpose.consents[8])),
  ),
)

declare function __tcfapi(
  command: 'addEventListener',
  version: 2,
  tell: (data: { eventStatus: string; purpose: { consents: Record<number, boolean> } }) => void,
): void
