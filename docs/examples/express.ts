/** A demo form on Express. Run it: LEADWAKE_ORIGIN=https://go.example.com LEADWAKE_KEY=lw_... node express.ts */
import { randomUUID } from 'node:crypto'
import express from 'express'
import { LeadwakeError, leadwake, pageFrom, visitorFrom } from 'leadwake/server'

const lw = leadwake({
  origin: process.env.LEADWAKE_ORIGIN!,
  key: process.env.LEADWAKE_KEY!,
  site: 'main',
})

export const app = express()

app.get('/request-demo', (_req, res) => {
  res.send(`<!doctype html>
    <script defer src="${process.env.LEADWAKE_ORIGIN}/l.js?s=main"></script>
    <form method="post">
      <input type="hidden" name="leadwake_visitor">
      <input type="hidden" name="leadwake_page">
      <input type="hidden" name="submission" value="${randomUUID()}">
      <input name="name"> <input name="company"> <input name="email" type="email" required>
      <button>Request a demo</button>
    </form>`)
})

app.post('/request-demo', express.urlencoded(), async (req, res) => {
  const { email, name, company, submission } = req.body
  try {
    await lw.identify({
      visitor: visitorFrom(req),
      page: pageFrom(req),
      email,
      traits: { name, company: { name: company } },
      // Sent twice under one id, a form counts once.
      signal: { name: 'demo_requested', id: submission },
    })
  } catch (error) {
    if (error instanceof LeadwakeError && error.status === 422) {
      res.status(422).send('Please check what you typed.')
      return
    }
    // The person asked for a demo, whatever became of its lead: your own mail or CRM still gets it.
    console.error(error)
  }
  res.redirect(303, '/thanks')
})

if (import.meta.main) app.listen(3000)
