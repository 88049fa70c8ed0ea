/**
 * What the tag's attributes say of this page: `data-exclude` (paths that are not measured, `*` for anything),
 * `data-auto="false"` (only `leadwake.page()` counts views) and `data-downloads` (more extensions that are downloads).
 * All that is recorded passes here.
 */
const { auto, exclude, downloads } = $dataset
const list = (text: string) => text.split(/[ ,]+/).map((word) => word.replace(/[^\w*/]/g, '\\$&'))
const excluded = exclude
  ? RegExp(
      `^(${list(exclude)
        .map((path) => path.replace(/\*/g, '.*'))
        .join('|')})$`,
    )
  : undefined
const more = downloads ? RegExp(`\\.(${list(downloads).join('|')})$`, 'i') : undefined

const plain = $put
/** The view that was asked for, in manual mode: the next one, then its id. */
let asked: string | true | undefined

$put = (kind, id, ...rest) => {
  if (excluded?.test(location.pathname)) return
  if (auto === 'false') {
    if (kind === 'p' && asked === true) asked = id
    if ((kind === 'p' || kind === 'e') && asked !== id) return
  }
  if (kind === 'd' && more?.test(rest[1] as string)) rest[2] = 1
  plain(kind, id, ...rest)
}

$leadwake.page = () => {
  asked = true
  $path = '*'
  setTimeout($look, 100)
}
