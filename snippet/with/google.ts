/**
 * Google consent mode v2: `default` or `update`, and `denied` or `granted`; told apart by what sorts between them.
 * Each page begins with its default, which says nothing of a visitor who chose; and nothing undoes an opt-out. A look
 * at one item of the `dataLayer`, see `layer.ts`.
 * https://developers.google.com/tag-platform/security/guides/consent
 */
import { FLAG } from '../../shared/protocol.ts'

if (
  $item[2].analytics_storage &&
  !($choice & ($item[1] > 'e' ? FLAG.optOut : FLAG.optOut | FLAG.granted | FLAG.refused))
)
  $leadwake.consent($item[2].analytics_storage > 'e')
