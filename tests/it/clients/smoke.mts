// A client whose types come from the contract alone: what does not compile against it, or does not happen as it says, fails.
// Arguments: the server, a password, the logins of a technician and of an officer.
import { randomUUID } from 'node:crypto'
import createClient from 'openapi-fetch'
import type { components, paths } from './contract.js'

const [server, password, technician, officer] = process.argv.slice(2) as [string, string, string, string]

function that(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what)
}

const signedIn = async (login: string) => {
  const client = createClient<paths>({ baseUrl: server })
  const device = { id: randomUUID(), name: 'typed client' }
  const { data, error, response } = await client.POST('/v1/sessions', { body: { login, password, device } })
  that(data !== undefined, `${login} cannot sign in: ${response.status} ${error?.detail}`)
  client.use({
    onRequest: ({ request }) => request.headers.set('authorization', `${data.token_type} ${data.access_token}`),
  })
  return { client, me: data.member }
}

const crew = await signedIn(technician)
const desk = await signedIn(officer)

const { data: sites } = await crew.client.GET('/v1/sites')
const { data: categories } = await crew.client.GET('/v1/categories')
const site = sites?.items.find((site) => !site.retired && crew.me.roles.some((role) => role.site_id === site.id))
const category = categories?.items.find((category) => !category.retired)
that(site !== undefined && category !== undefined, 'there is no site or no category')

const latest = await desk.client.GET('/v1/changes', { params: { query: { after: 'latest' } } })
that(latest.data !== undefined, 'no cursor')

// The same report twice is one report; a wrong one is refused with the field that is wrong.
const id = randomUUID()
const body: components['schemas']['DraftBody'] = {
  kind: 'hazard',
  aspects: ['safety'],
  category: category.code,
  site_id: site.id,
  narrative: 'Open manhole beside the school',
  potential_severity: 4,
}
const path = { id }
const sent = await crew.client.PUT('/v1/reports/{id}', { params: { path }, body })
const again = await crew.client.PUT('/v1/reports/{id}', { params: { path }, body })
that(sent.response.status === 201 && again.response.status === 200, 'the report was not taken once')
that(sent.data?.number === again.data?.number, 'the report has two numbers')
const wrong = await crew.client.PUT('/v1/reports/{id}', { params: { path: { id: randomUUID() } }, body: { ...body, narrative: ' ' } })
that(wrong.response.status === 422, 'a report without words was taken')
that(wrong.error?.errors?.[0]?.pointer === '/narrative', 'the wrong field was not named')

// The officer reads it, takes charge under the version that was read, and a stale version changes nothing.
const read = await desk.client.GET('/v1/reports/{id}', { params: { path } })
that(read.data?.state === 'submitted' && read.data.allowed.includes('acknowledge'), 'the officer cannot take charge')
const header = { 'If-Match': read.response.headers.get('etag') ?? '' }
const taken = await desk.client.POST('/v1/reports/{id}/acknowledge', { params: { path, header }, body: {} })
that(taken.data?.state === 'acknowledged', 'the officer did not take charge')
const stale = await desk.client.POST('/v1/reports/{id}/contain', { params: { path, header }, body: {} })
that(stale.response.status === 412 && stale.error?.code === 'changed', 'a stale version was taken')

// Both see it in what changed, and the sender sees who took charge.
const changes = await desk.client.GET('/v1/changes', { params: { query: { after: latest.data.next } } })
that(changes.data?.changes.some((change) => change.type === 'report' && change.id === id) ?? false, 'no change is told')
const seen = await crew.client.GET('/v1/reports/{id}', { params: { path } })
that(typeof seen.data?.acknowledged_at === 'string', 'the sender does not see that somebody took charge')

// Without a token there is nothing, and whoever has one is told what is left of their budget.
const stranger = await createClient<paths>({ baseUrl: server }).GET('/v1/me')
that(stranger.response.status === 401 && stranger.error?.code === 'not_signed_in', 'a stranger got in')
that(/^"session";r=\d+;t=\d+$/.test(seen.response.headers.get('ratelimit') ?? ''), 'no budget is told')
await crew.client.DELETE('/v1/sessions/current')
that((await crew.client.GET('/v1/me')).response.status === 401, 'a session outlives its end')
