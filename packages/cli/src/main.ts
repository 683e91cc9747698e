#!/usr/bin/env node
import { nodePorts } from './node-ports.ts'
import { runYard } from './program.ts'

process.exitCode = await runYard(process.argv.slice(2), nodePorts())
