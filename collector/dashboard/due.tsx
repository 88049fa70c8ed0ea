import { useLocale } from './locale.ts'

/** For how long an SQL may still wait for sales, or by how much it is overdue; nothing where nothing waits. */
export function Due({ at, now }: { at: string | null; now: number }) {
  const { t, f } = useLocale()
  if (at === null) return null
  const left = Date.parse(at) - now
  return (
    <span class={left <= 0 ? 'due late' : 'due'}>
      <time datetime={at} title={at}>
        {left <= 0 ? t.leads.overdue(f.duration(-left)) : t.leads.dueIn(f.duration(left))}
      </time>
    </span>
  )
}
