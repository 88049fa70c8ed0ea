/** Characters of a line; a list or an object that fits stands on one. */
const WIDTH = 120

/** A document as people edit it: two spaces, and on one line what fits there. */
export function tidy(value: unknown, indent = '', before = 0): string {
  const flat = oneLine(value)
  if (indent.length + before + flat.length <= WIDTH || value === null || typeof value !== 'object')
    return flat
  const deeper = `${indent}  `
  const parts = Array.isArray(value)
    ? value.map((one) => deeper + tidy(one, deeper))
    : Object.entries(value).map(([name, one]) => {
        const head = `${JSON.stringify(name)}: `
        return deeper + head + tidy(one, deeper, head.length)
      })
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${parts.join(',\n')}\n${indent}${close}`
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const entries = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${oneLine(one)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}
