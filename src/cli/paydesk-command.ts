import { styleText } from 'node:util'
import { type Argument, Command, type ErrorOptions, Help, type Option } from 'commander'
import { ListOption, suggestChoices } from './choices.ts'

/**
 * A command that suggests similar choices, and reports an unknown flag before a missing one: a misspelled flag is the
 * cause of the missing one.
 */
export class PaydeskCommand extends Command {
  /** A method of Commander without a type: writes the error, with a similar flag if there is one. */
  declare unknownOption: (flag: string) => void

  override createCommand(name?: string): Command {
    return new PaydeskCommand(name)
  }

  override addOption(option: Option): this {
    suggestChoices(option)
    return super.addOption(option)
  }

  override addArgument(argument: Argument): this {
    suggestChoices(argument)
    return super.addArgument(argument)
  }

  /**
   * Writes an error of the command line, without the wrong value of a flag with a secret. Commander would repeat the
   * value, which can be most of the secret.
   */
  override error(message: string, options?: ErrorOptions): never {
    return super.error(message.replace(SECRET_VALUE, "error: option '$1': the value"), options)
  }

  /** Commander calls this method after it has put the unknown flags into `args`. */
  missingMandatoryOptionValue(option: Option): void {
    const unknownFlag = this.args.find((text) => text.startsWith('--') && text !== '--')
    if (unknownFlag !== undefined) this.unknownOption(unknownFlag)
    this.error(`error: required option '${option.flags}' not specified`, {
      code: 'commander.missingMandatoryOptionValue',
    })
  }
}

/** The beginning of Commander's message about the value of a flag with a secret. */
const SECRET_VALUE =
  /^error: option '(--(?:token|signing-key) [^']*)' argument '[\s\S]*'(?= is invalid\.)/

/** The flag of all commands that turns colors off. `main.ts` evaluates it. */
export const NO_COLOR_FLAG = '--no-color'

/** Makes the command line without commands. `version`: the version of the program. */
export function createPaydeskCommand(version: string): Command {
  return (
    new PaydeskCommand('paydesk')
      // Commander removes the styles if the terminal does not show them.
      .configureHelp({
        optionDescription: describeOption,
        // The commands of `trigger` have long arguments, and leave less room for their descriptions.
        minWidthToWrap: 20,
        styleTitle: (text) => styleText('bold', text, { validateStream: false }),
      })
      .description('A payment-session service that speaks the Zoho Payments API.')
      .version(version, '--version', 'print the version')
      .option(NO_COLOR_FLAG, 'print no colors, in any command')
      .helpCommand(false)
      .exitOverride()
      .showHelpAfterError('(--help lists the commands and flags)')
  )
}

function describeOption(option: Option): string {
  const help = new Help().optionDescription(option)
  const text = option instanceof ListOption ? `${help} (choices: ${quote(option.words)})` : help
  return option.mandatory ? `${text} (required)` : text
}

function quote(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(', ')
}
