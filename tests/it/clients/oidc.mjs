// A real provider (oidc-provider, certified) on a free port, with one client and pages that let everybody in.
// node oidc.mjs FOLDER-WITH-node_modules; its first line is the name of the issuer.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(`${process.argv[2]}/`)
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')))

const server = createServer()
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const issuer = `http://127.0.0.1:${server.address().port}`
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'salama',
    client_secret: 'a secret of the provider & more',
    redirect_uris: ['https://salama.example/signed-in'],
  }],
  pkce: { required: () => true },
})
server.on('request', provider.callback())
console.log(issuer)
