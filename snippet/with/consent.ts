import { FLAG } from '../../shared/protocol.ts'

/** Follows a consent manager, unless the visitor opted out here. */
const follow = (granted: unknown) => {
  const flag = granted ? FLAG.granted : FLAG.refused
  if (!($choice & (FLAG.optOut | flag))) $decide(flag)
}

// Google consent mode v2. https://developers.google.com/tag-platform/security/guides/consent
$layer((item) => {
  if (item[0] === 'consent' && item[2].analytics_storage) follow(item[2].analytics_storage === 'granted')
})

// IAB TCF: 1 is storing on the device, 8 measuring content.
// https://github.com/InteractiveAdvertisingBureau/GDPR-Transparency-and-Consent-Framework
// biome-ignore lint/suspicious/noExplicitAny: the manager's
;(window as any).__tcfapi?.('addEventListener', 2, ({ eventStatus, purpose }: any) => {
  if (eventStatus !== 'cmpuishown') follow(purpose.consents[1] && purpose.consents[8])
})
