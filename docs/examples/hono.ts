/** A demo form on Hono: Node, Bun, Deno, or at the edge. */
import { Hono } from 'hono'
import { LeadwakeError, leadwake, pageFrom, visitorFrom } from 'leadwake/server'

const lw = leadwake({
  origin: process.env.LEADWAKE_ORIGIN!,
  key: process.env.LEADWAKE_KEY!,
  site: 'main',
})

export const app = new Hono()

app.get('/request-demo', (c) =>
  c.html(`<!doctype html>
    <script defer src="${process.env.LEADWAKE_ORIGIN}/l.js?s=main"></script>
    <form method="post">
      <input type="hidden" name="leadwake_visitor">
      <input type="hidden" name="leadwake_page">
      <input type="hidden" name="submission" value="${crypto.randomUUID()}">
      <input name="name"> <input name="company"> <input name="email" type="email" required>
      <button>Request a demo</button>
    </form>`),
)

app.post('/request-demo', async (c) => {
  const form = await c.req.formData()
  const field = (name: string) => String(form.get(name) ?? '')
  try {
    await lw.identify({
      visitor: visitorFrom(form, c.req.raw),
      page: pageFrom(form),
      email: field('email'),
      traits: { name: field('name'), company: { name: field('company') } },
      // Sent twice under one id, a form counts once.
      signal: { name: 'demo_requested', id: field('submission') },
    })
  } catch (error) {
    if (error instanceof LeadwakeError && error.status === 422)
      return c.text('Please check what you typed.', 422)
    // The person asked for a demo, whatever became of its lead: your own mail or CRM still gets it.
    console.error(error)
  }
  return c.redirect('/thanks', 303)
})

export default app
