// A phone that sends photos by tus-js-client, the reference of tus, as it comes. Arguments: the folder of its modules, the
// address of uploads, a token, then report, photo and file of each.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const [modules, endpoint, token, ...rest] = process.argv.slice(2)
const tus = createRequire(`${modules}/`)('tus-js-client')

const send = (report_id, photo_id, file) =>
  new Promise((resolve, reject) => {
    const upload = new tus.Upload(readFileSync(file), {
      endpoint,
      headers: { Authorization: `Bearer ${token}` },
      metadata: { report_id, photo_id, filetype: 'image/jpeg', filename: 'photo.jpg' },
      // Whatever a bad line does, it goes on; every second photo in pieces, and with its first bytes at once.
      retryDelays: Array(500).fill(20),
      chunkSize: file.endsWith('odd') ? 256 * 1024 : Number.POSITIVE_INFINITY,
      uploadDataDuringCreation: file.endsWith('odd'),
      onError: reject,
      onSuccess: resolve,
    })
    upload.start()
  })

for (let n = 0; n < rest.length; n += 3) await send(rest[n], rest[n + 1], rest[n + 2])
