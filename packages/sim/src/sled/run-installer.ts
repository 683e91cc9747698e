import { createHash } from 'node:crypto'
import { Mac } from '@brickyard/model/mac'
import { sleep } from '@brickyard/runtime/clock'
import { type HttpRequest, readBody } from '@brickyard/runtime/http'
import {
  encodeClaimRequest,
  encodeProgress,
  encodeResult,
  parseClaimReply,
  parseStep,
  type StepResult,
} from '@brickyard/installer/wire'
import { parseLines } from '@brickyard/installer/wire-lines'
import { err, ok } from '@brickyard/std/result'
import { KiB, Seconds } from '@brickyard/std/units'
import { acquireLease } from './dhcp-client.ts'
import { inventoryOf } from './hardware.ts'
import { runVerb } from './installer-verbs.ts'
import { INSTALLER_TOOLS_SHA256 } from './installer-tools.ts'
import { KERNEL_LINES } from './serial-shell.ts'
import type { SledLife } from './sled-life.ts'
import type { VerbContext } from './verbs/verb-context.ts'

/** As in packages/installer/sled/loop.sh: half an hour of trying, once a second. */
const PATIENCE_SECONDS_MAX = 1800
const PROGRESS_MS = Seconds(2)
const REQUEST_TIMEOUT_MS = Seconds(30)
const STANDSTILL_MS = Seconds(45)
const ANSWER_BYTES_MAX = KiB(64)

interface Answer {
  readonly status: number
  readonly text: string
}

/** The in-memory Linux of packages/installer: claims, asks, does, answers, until told to go down. */
export async function runInstaller(life: SledLife, commandLine: string): Promise<void> {
  life.stage('installer')
  life.serial.print(KERNEL_LINES[0] ?? '', 'Brickyard installer: starting in memory')
  await sleep(life.clock, life.timing.installerBootMs)
  const option = (name: string): string =>
    new RegExp(`(?:^| )${name}=([^ ]*)`).exec(commandLine)?.[1] ?? ''
  const agentUrl = option('brickyard.agent').replace(/\/$/, '')
  const mac = Mac.parse(option('BOOTIF').slice(3))
  if (agentUrl === '' || !mac.ok) return giveUp(life, 'the kernel command line is not ours')
  if (option('brickyard.net') === '') {
    const lease = await acquireLease(life, life.interface, mac.value, {
      vendorClass: 'udhcp 1.35.0',
    })
    if (!lease.ok) return giveUp(life, `no DHCP lease: ${lease.error}`)
    life.setAddress(lease.value.address, lease.value.prefixLength)
  }
  const agent = agentCaller(life, agentUrl)
  const { uuid, serial } = life.hardware
  const claim = { token: option('brickyard.claim'), mac: mac.value, uuid, serial }
  const claimed = await agent.untilAnswered('POST', '/installer/claim', encodeClaimRequest(claim))
  if (claimed === undefined) return giveUp(life, 'no answer from the agent')
  const reply = parseClaimReply(claimed.text)
  if (claimed.status !== 200 || !reply.ok) {
    const said = parseLines(claimed.text)
    const reason = said.ok ? (said.value.get('reason') ?? '') : ''
    return giveUp(life, `the agent refused the claim: ${reason}`)
  }
  life.noteDeed('claim', claim.token)
  agent.session = reply.value.session
  await loop(life, agent, verbContext(life, agent, reply.value.timeSeconds))
}

async function loop(
  life: SledLife,
  agent: AgentCaller,
  context: VerbContext & { stepId: string },
): Promise<void> {
  for (;;) {
    const answer = await agent.untilAnswered('GET', '/installer/step')
    if (answer?.status !== 200) {
      return giveUp(life, `the agent has no step for us: ${answer?.status ?? 'no answer'}`)
    }
    const lines = parseLines(answer.text)
    const id = lines.ok ? (lines.value.get('id') ?? '') : ''
    const verb = lines.ok ? (lines.value.get('verb') ?? '') : ''
    if (id === '') {
      await sleep(life.clock, Seconds(1))
      continue
    }
    life.show(`step ${id}`)
    context.stepId = id
    const result = await runStepText(answer.text, context)
    if (result.ok && (verb === 'wipe' || verb === 'write' || verb === 'seed'))
      life.noteDeed(verb, id)
    const path = `/installer/step/${id}/result`
    const taken = await agent.untilAnswered('POST', path, encodeResult(result))
    if (taken === undefined || taken.status >= 300) {
      return giveUp(life, `the agent refused the result of ${id}: ${taken?.status ?? 'no answer'}`)
    }
    if (!result.ok) life.show(`${verb} failed: ${result.reason}`)
    if (verb === 'reboot') return life.restart()
    if (verb === 'poweroff') return life.powerOff()
  }
}

/** A step as text in, a result out: what the vectors of packages/installer judge. */
export async function runStepText(text: string, context: VerbContext): Promise<StepResult> {
  const step = parseStep(text)
  if (step.ok) return runVerb(step.value, context)
  const lines = parseLines(text)
  const unknownFormat =
    lines.ok && lines.value.get('verb') === 'write' && step.error.startsWith('format ')
  return {
    ok: false,
    fault: unknownFormat ? 'unsupported' : 'bad-step',
    reason: step.error,
    data: new Map(),
  }
}

function verbContext(
  life: SledLife,
  agent: AgentCaller,
  clockSetSeconds: number,
): VerbContext & { stepId: string } {
  let toldMs = 0
  const context: VerbContext & { stepId: string } = {
    stepId: '',
    inventory: inventoryOf(life.hardware),
    disks: life.hardware.disks,
    held: { bytes: undefined },
    clockSetSeconds,
    fetchImage: (sha256) => agent.stream(`/installer/image/${sha256}`),
    fetchSeed: async (file) => {
      const answer = await agent.call('GET', `/installer/seed/${file}`)
      if (answer.status === 200) return ok(answer.text)
      return err(answer.status === 0 ? '000' : String(answer.status))
    },
    fetchBmcPassword: async () => {
      const answer = await agent.call('GET', '/installer/bmc-password')
      if (answer.status === 200) return ok(answer.text)
      return err(answer.status === 0 ? '000' : String(answer.status))
    },
    fetchTools: async () => {
      const answer = await agent.call('GET', '/installer/tools')
      if (answer.status === 200) return ok(createHash('sha256').update(answer.text).digest('hex'))
      return err(answer.status === 0 ? '000' : String(answer.status))
    },
    toolsSha256: INSTALLER_TOOLS_SHA256,
    bmcDoor: life.bmcDoor,
    spend: (bytes) => sleep(life.clock, Seconds(bytes / life.timing.diskBytesPerSecond)),
    progress(bytes, total) {
      const lostAt = life.faults.powerLostAtShare
      if (context.stepId.endsWith('.write') && lostAt !== undefined && bytes >= lostAt * total) {
        life.faults.powerLostAtShare = undefined
        life.losePower()
        return
      }
      const nowMs = life.clock.monotonicMs()
      if (nowMs - toldMs < PROGRESS_MS) return
      toldMs = nowMs
      const percent = total > 0 ? Math.floor((bytes * 100) / total) : 0
      const body = encodeProgress({ percent, bytes })
      // As in the real installer, progress is told beside the work and its loss means nothing.
      void agent.call('POST', `/installer/step/${context.stepId}/progress`, body)
    },
    atPowerLoss: (work) => life.atPowerLoss(work),
    sleep: (seconds) => sleep(life.clock, Seconds(seconds)),
  }
  return context
}

async function giveUp(life: SledLife, why: string): Promise<void> {
  life.show(`${why}; powering off`)
  await sleep(life.clock, Seconds(2))
  life.powerOff()
}

type AgentCaller = ReturnType<typeof agentCaller>

function agentCaller(life: SledLife, agentUrl: string) {
  const caller = {
    session: '',
    /** Status 0 when there was no answer. */
    async call(method: HttpRequest['method'], path: string, body?: string): Promise<Answer> {
      const answer = await life.http.request(request(method, path, body))
      if (!answer.ok) return { status: 0, text: '' }
      try {
        const bytes = await readBody(answer.value.body, ANSWER_BYTES_MAX)
        return { status: answer.value.status, text: Buffer.from(bytes).toString('utf8') }
      } catch {
        return { status: 0, text: '' }
      }
    },
    /** Tries until there is an answer that says yes or no; undefined when patience ends. */
    async untilAnswered(
      method: HttpRequest['method'],
      path: string,
      body?: string,
    ): Promise<Answer | undefined> {
      const startMs = life.clock.monotonicMs()
      while (life.clock.monotonicMs() - startMs < Seconds(PATIENCE_SECONDS_MAX)) {
        const answer = await caller.call(method, path, body)
        if (answer.status >= 200 && answer.status < 500) return answer
        await sleep(life.clock, Seconds(1))
      }
      return undefined
    },
    async stream(path: string): ReturnType<VerbContext['fetchImage']> {
      const answer = await life.http.request(request('GET', path))
      return answer.ok ? ok(answer.value) : err(answer.error.message)
    },
  }
  function request(method: HttpRequest['method'], path: string, body?: string): HttpRequest {
    return {
      method,
      url: `${agentUrl}${path}`,
      headers: {
        ...(caller.session === '' ? {} : { authorization: `Bearer ${caller.session}` }),
        ...(body === undefined ? {} : { 'content-type': 'text/plain' }),
      },
      ...(body === undefined ? {} : { body }),
      headerTimeoutMs: REQUEST_TIMEOUT_MS,
      bodyTimeoutMs: STANDSTILL_MS,
    }
  }
  return caller
}
