import type { RedfishAnswer } from '@brickyard/redfish/exchange'
import { countedPush, multipartPush, plainPush, type PushContent } from '@brickyard/redfish/push'
import { parseUpdateService, type UpdateService } from '@brickyard/redfish/resources/update-service'
import { err, ok, type Result } from '@brickyard/std/result'
import type { BmcFault } from '../fault.ts'
import type { FirmwareImage, FirmwareUpdate, UpdateProgress } from '../firmware.ts'
import { named, type RedfishSession, type Whereabouts } from './redfish-session.ts'

type Begun = Result<RedfishAnswer | 'nothing-to-do', BmcFault>

/** The update service as it is now, and where it is. */
export async function updateServiceOf(
  session: RedfishSession,
): Promise<Result<{ readonly path: string; readonly service: UpdateService }, BmcFault>> {
  const where = await session.whereabouts()
  if (!where.ok) return where
  const path = where.value.root.updateService
  if (path === undefined) return err({ kind: 'refused', message: 'the BMC has no UpdateService' })
  const answer = await session.client.get(path)
  return answer.ok
    ? ok({ path, service: parseUpdateService(answer.value.body) })
    : err(named(answer.error, where.value.manner))
}

/** Begins an update of the component at `target` (undefined: the BMC's choice), by URL or by push. */
export async function beginUpdate(
  session: RedfishSession,
  { image }: FirmwareUpdate,
  target: string | undefined,
  onProgress: (progress: UpdateProgress) => void,
): Promise<Begun> {
  const updates = await updateServiceOf(session)
  if (!updates.ok) return updates
  const where = await session.whereabouts()
  if (!where.ok) return where
  const { path, service } = updates.value
  if (service.enabled === false) {
    return err({ kind: 'refused', message: 'the update service of the BMC is switched off' })
  }
  if ('url' in image) return fromUrl(session, service, image.url, target)
  if (where.value.manner.claimsPush !== true) {
    return push(session, service, image, target, onProgress)
  }
  const claimed = await claim(session, path, service, target)
  if (!claimed.ok) return claimed
  const pushed = await push(session, service, image, target, onProgress)
  // A claim that stays blocks everybody; where giving it back fails, the next update says so.
  if (!pushed.ok || pushed.value === 'nothing-to-do') await releasePush(session)
  return pushed
}

async function fromUrl(
  session: RedfishSession,
  { simpleUpdate }: UpdateService,
  url: string,
  target: string | undefined,
): Promise<Begun> {
  if (simpleUpdate === undefined) {
    return err({ kind: 'refused', message: 'the BMC takes no updates from a URL' })
  }
  const protocol = url.startsWith('https:') ? 'HTTPS' : 'HTTP'
  const { allowed } = simpleUpdate
  if (allowed.length > 0 && !allowed.includes(protocol)) {
    const message = `the BMC fetches updates by ${allowed.join(', ')}; expected ${protocol}`
    return err({ kind: 'refused', message })
  }
  return send(session, (client) =>
    client.post(simpleUpdate.target, {
      ImageURI: url,
      ...(allowed.length === 0 ? {} : { TransferProtocol: protocol }),
      ...(target === undefined ? {} : { Targets: [target] }),
    }),
  )
}

async function push(
  session: RedfishSession,
  service: UpdateService,
  image: FirmwareImage,
  target: string | undefined,
  onProgress: (progress: UpdateProgress) => void,
): Promise<Begun> {
  const where = await session.whereabouts()
  if (!where.ok) return where
  const chosen = choosePush(service, where.value, image, target, session)
  if (!chosen.ok) return chosen
  const { path, content } = chosen.value
  const counted = countedPush(content, (bytes) =>
    onProgress({ step: 'sending', bytes, bytesTotal: content.body.bytes }),
  )
  const sent = await send(session, (client) => client.push(path, counted))
  const { startUpdate, pushTimes } = service
  // What is only laid ready has to be begun by itself.
  const waits = startUpdate !== undefined && pushesLater(pushTimes)
  if (!sent.ok || sent.value === 'nothing-to-do' || !waits) return sent
  return send(session, (client) => client.post(startUpdate.target, {}))
}

const pushesLater = (times: readonly string[]): boolean =>
  times.includes('OnStartUpdateRequest') && !times.includes('Immediate')

/** Where an image is pushed and in which form: with its parameters, where the BMC takes them. */
function choosePush(
  { multipartPush: multipart, push: plain, imageBytesMax, pushTimes }: UpdateService,
  { manner }: Whereabouts,
  image: FirmwareImage,
  target: string | undefined,
  { origin, clock }: RedfishSession,
): Result<{ readonly path: string; readonly content: PushContent }, BmcFault> {
  const refuse = (message: string) => err<BmcFault>({ kind: 'refused', message })
  if (imageBytesMax !== undefined && image.bytes > imageBytesMax) {
    return refuse(`the image is of ${image.bytes} bytes; the BMC takes up to ${imageBytesMax}`)
  }
  const headers = manner.wantsReferer === true ? { referer: origin } : undefined
  if (multipart !== undefined) {
    const time = pushesLater(pushTimes)
      ? 'OnStartUpdateRequest'
      : pushTimes.find((one) => one === 'Immediate')
    const parameters = {
      Targets: target === undefined ? [] : [target],
      ...(time === undefined ? {} : { '@Redfish.OperationApplyTime': time }),
    }
    const boundary = `brickyard-${image.bytes}-${clock.wallMs().toString(36)}`
    return ok({
      path: multipart,
      content: { ...multipartPush(parameters, image, boundary), headers },
    })
  }
  if (plain === undefined || manner.pushFormOfItsOwn === true) {
    return refuse('the BMC takes no pushed image; give it a URL')
  }
  return ok({ path: plain, content: { ...plainPush(image), headers } })
}

async function send(
  session: RedfishSession,
  request: Parameters<RedfishSession['write']>[1],
): Promise<Begun> {
  const where = await session.whereabouts()
  if (!where.ok) return where
  const { manner } = where.value
  let nothing = false
  const answer = await session.write('update', async (client) => {
    const sent = await request(client)
    if (!sent.ok) nothing = manner.isNothingToUpdate?.(sent.error) === true
    return sent
  })
  return !answer.ok && nothing ? ok('nothing-to-do') : answer
}

async function claim(
  session: RedfishSession,
  path: string,
  { pushBusy }: UpdateService,
  target: string | undefined,
): Promise<Result<void, BmcFault>> {
  if (pushBusy === true) {
    const message = 'somebody holds the push URI of the BMC (HttpPushUriTargetsBusy)'
    return err({ kind: 'refused', message })
  }
  const change = {
    HttpPushUriTargetsBusy: true,
    ...(target === undefined ? {} : { HttpPushUriTargets: [target] }),
  }
  const answer = await session.write('update', (client) => client.patch(path, change))
  return answer.ok ? ok(undefined) : answer
}

/** Gives the push URI back, where it has to be claimed. */
export async function releasePush(session: RedfishSession): Promise<Result<void, BmcFault>> {
  const where = await session.whereabouts()
  if (!where.ok) return where
  const path = where.value.root.updateService
  if (path === undefined || where.value.manner.claimsPush !== true) return ok(undefined)
  const change = { HttpPushUriTargetsBusy: false, HttpPushUriTargets: [] }
  const answer = await session.write('update', (client) => client.patch(path, change))
  return answer.ok ? ok(undefined) : answer
}
