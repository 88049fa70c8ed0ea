import type { Child } from 'hono/jsx'

export interface Panel {
  name: string
  body: Child
}

/** Lists of one kind in one card, one of them seen at a time: radio buttons, so that it works without script. */
export function Tabbed({ id, label, panels }: { id: string; label: string; panels: Panel[] }) {
  return (
    <section class="card tabbed" aria-label={label}>
      {panels.map(({ name }, i) => (
        <>
          <input
            type="radio"
            class="unseen"
            name={id}
            id={`${id}-${i}`}
            checked={i === 0}
            autocomplete="off"
          />
          <label for={`${id}-${i}`}>{name}</label>
        </>
      ))}
      {panels.map(({ body }) => (
        <div class="panel">{body}</div>
      ))}
    </section>
  )
}
