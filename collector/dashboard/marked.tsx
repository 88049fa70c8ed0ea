/** A sentence of the catalogue, in which `backticks` are around what is code. */
export function Marked({ text }: { text: string }) {
  return <>{text.split('`').map((part, i) => (i % 2 === 0 ? part : <code>{part}</code>))}</>
}
