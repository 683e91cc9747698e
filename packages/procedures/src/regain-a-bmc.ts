import { Minutes } from '@brickyard/std/units'
import type { Procedure } from './procedure.ts'

const seconds = (ms: number): number => ms / 1000

const BY_HAND = seconds(Minutes(10))
/** A BMC is reset in its setup or by a jumper, with the sled out of the rack. */
const RESET = seconds(Minutes(30))
/** A BMC boots in one to four minutes after its reset. */
const NEW_BMC = seconds(Minutes(10))

/** For a BMC that refuses every login we know: closed by its serial, read with a login that works. */
export const REGAIN_A_BMC: Procedure = {
  id: 'regain-a-bmc',
  version: 1,
  title: 'Regain the BMC of a sled',
  before:
    'Have a screen and a keyboard, and what the maker says of resetting this BMC. Its light cannot be switched on: go by the number of the slot.',
  steps: [
    {
      id: 'find',
      kind: 'confirm',
      title: 'Find the sled',
      text: 'Go to the place named above. Count the slots; do not trust the order you expect.',
      question: 'Do you stand before the sled?',
      deadlineSeconds: BY_HAND,
    },
    {
      id: 'serial',
      kind: 'enter-serial',
      into: 'inserted',
      must: 'expected',
      title: 'Read the label',
      text: 'Type the serial on the label of the sled.',
      deadlineSeconds: BY_HAND,
    },
    {
      id: 'reset',
      kind: 'instruct',
      title: 'Reset the BMC’s users',
      text: 'In the firmware’s setup, or by the maker’s jumper, set the BMC back to factory settings. What runs on the sled stops when it is restarted: is that agreed?',
      deadlineSeconds: RESET,
    },
    {
      id: 'pull-tag',
      kind: 'instruct',
      title: 'Enter the factory login',
      text: 'Open the sled’s page here, type user and password from the pull-tag under “BMC login”, and come back.',
      deadlineSeconds: BY_HAND,
    },
    {
      id: 'answers',
      kind: 'check',
      check: 'serial-in-slot',
      serial: 'inserted',
      againSeconds: 10,
      backTo: 'serial',
      title: 'Does it let us in?',
      text: 'Waiting for the BMC to answer with the serial you typed.',
      deadlineSeconds: NEW_BMC,
    },
  ],
}
