/** What `leadwake doctor` says of a state, wherever it lies. */
import type { Config } from '../config.ts'
import type { DeliveryLine, StateReader } from '../store/reader.ts'
import type { WebhookRow } from '../store/store.ts'
import { webhookGuard } from '../webhook/guard.ts'
import { webhookTrouble } from '../webhook/look.ts'
import { type Finding, ok, warning } from './finding.ts'

/** What it tells of itself. */
export function told(reader: Pick<StateReader, 'counts' | 'sites'>, letters: number): Finding[] {
  const strangers = reader.counts()['noted:untrusted-proxy'] ?? 0
  const open = reader.sites().filter(({ hosts }) => hosts.length === 0)
  return [
    letters > 0
      ? warning('dead letters', `${letters} entries could not be projected`, 'leadwake dead-letters list')
      : ok('dead letters', 'none'),
    strangers > 0
      ? warning(
          'proxy',
          `${strangers} beacons came with X-Forwarded-For over a private address that is not trusted`,
          'name your proxy in LEADWAKE_TRUST_PROXY: else all visitors of a day are one',
        )
      : ok('proxy', 'no untrusted X-Forwarded-For seen'),
    open.length > 0
      ? warning(
          'host names',
          `any page may send to ${open.map(({ id }) => id).join(', ')}`,
          'leadwake site set ID --hosts www.example.com',
        )
      : ok('host names', 'every site names its own'),
  ]
}

/** Where messages go: nothing is sent. */
export async function webhookFindings(
  webhooks: readonly { row: WebhookRow; last: DeliveryLine | undefined }[],
  config: Config,
): Promise<Finding[]> {
  const guard = webhookGuard(config.webhookAllow)
  const findings: Finding[] = []
  for (const { row, last } of webhooks) {
    const trouble = await webhookTrouble(row, { guard, mails: config.smtp !== undefined, last })
    if (trouble) findings.push(warning('webhook', `${row.id} ${trouble.found}`, trouble.mend))
  }
  return findings.length > 0
    ? findings
    : [ok('webhooks', webhooks.length === 0 ? 'none' : `${webhooks.length} in order`)]
}
