import type { Command } from 'commander'
import { addAccountCommands } from './account-commands.ts'
import type { Environment } from './arguments.ts'
import { addAuditCommands } from './audit-commands.ts'
import { addBackupCommands } from './backup-commands.ts'
import { addClientCommands } from './client-commands.ts'
import { addClockCommands } from './clock-commands.ts'
import { addCompletionCommands } from './completion-commands.ts'
import { addConfigCommands } from './config-commands.ts'
import { addConformanceCommand } from './conformance-command.ts'
import { addCustomerCommands } from './customer-commands.ts'
import { addDisputeCommands } from './dispute-commands.ts'
import { addDistributeCommand } from './distribute-command.ts'
import { addEventCommands } from './event-commands.ts'
import { addExportCommand } from './export-commands.ts'
import { addFaultCommands } from './fault-commands.ts'
import { addHealthCommand } from './health-command.ts'
import { addHelpCommand } from './help-command.ts'
import { addIdCommands } from './id-commands.ts'
import { addLedgerCommands } from './ledger-commands.ts'
import { addLogsCommands } from './logs-commands.ts'
import { addMandateCommands } from './mandate-commands.ts'
import { addMcpCommand } from './mcp-command.ts'
import { addMessageCommands } from './message-commands.ts'
import { addMessengerCommands } from './messenger-commands.ts'
import { addMigrateCommand } from './migrate-command.ts'
import { addOperatorCommands } from './operator-commands.ts'
import { addPaymentCommands } from './payment-commands.ts'
import { addPaymentLinkCommands } from './payment-link-commands.ts'
import { addPaymentMethodCommands } from './payment-method-commands.ts'
import { addPayoutCommands } from './payout-commands.ts'
import { addProcessorCommands } from './processor-commands.ts'
import { addPruneCommand } from './prune-command.ts'
import { addRefundCommands } from './refund-commands.ts'
import { addRekeyCommand } from './rekey-command.ts'
import { addRequestCommands } from './request-commands.ts'
import { addScenarioCommands } from './scenario-commands.ts'
import { addServeCommand, createProgram, VERSION } from './serve-command.ts'
import { addSessionCommands } from './session-commands.ts'
import { addSnapshotCommands } from './snapshot-commands.ts'
import { addStatusCommand } from './status-command.ts'
import { addTenantCommands } from './tenant-commands.ts'
import { addTerminalCommands } from './terminal-commands.ts'
import { addTokenCommands } from './token-commands.ts'
import { addTriggerCommands } from './trigger-commands.ts'
import { addVirtualAccountCommands } from './virtual-account-commands.ts'
import { addWebhookCommands } from './webhook-commands.ts'

/** Makes the whole command line. The reference page is printed from it too. */
export function makeProgram(environment: Environment): Command {
  const program = addServeCommand(createProgram(), environment)

  addMigrateCommand(program, environment)
  addConfigCommands(program, environment)
  addHealthCommand(program, environment)
  addAccountCommands(program, environment)
  addOperatorCommands(program, environment)
  addClientCommands(program, environment)
  addTokenCommands(program, environment)
  const database = program
    .command('database')
    .description('A database: its state, its machines and its secret key.')
  addStatusCommand(database, environment)
  addDistributeCommand(database, environment)
  addRekeyCommand(database, environment)
  addBackupCommands(program, environment)
  addPruneCommand(program, environment)
  addAuditCommands(program, environment)
  addLedgerCommands(program, environment)
  addExportCommand(program, environment)
  addIdCommands(program, environment)
  addSessionCommands(program, environment)
  addPaymentCommands(program, environment)
  addRefundCommands(program, environment)
  addCustomerCommands(program, environment)
  addMandateCommands(program, environment)
  addDisputeCommands(program, environment)
  addTerminalCommands(program, environment)
  addPayoutCommands(program, environment)
  addPaymentLinkCommands(program, environment)
  addPaymentMethodCommands(program, environment)
  addVirtualAccountCommands(program, environment)
  addEventCommands(program, environment)
  addWebhookCommands(program, environment)
  addMcpCommand(program, environment, VERSION)
  addTriggerCommands(program, environment)
  addClockCommands(program, environment)
  addFaultCommands(program, environment)
  addRequestCommands(program, environment)
  addMessageCommands(program, environment)
  addLogsCommands(program, environment)
  addTenantCommands(program, environment)
  addSnapshotCommands(program, environment)
  addScenarioCommands(program)
  addProcessorCommands(program, environment)
  addMessengerCommands(program)
  addConformanceCommand(program, environment, VERSION)
  addCompletionCommands(program, environment)
  addHelpCommand(program)
  return program
}
