/**
 * Says who the visitor is: a claim, which the collector weighs less than the word of the site's server unless the
 * server signed it.
 */
$leadwake.identify = $safe((email: string, signature?: string, expires?: number) =>
  $record('i', `${email}`, signature, expires),
)
