// How the help of `monopod run` lays out its flags in 80 columns: a flag too long for the first column has its
// explanation below it.
import { type Command, Help } from 'commander';

const firstColumnMax = 35;

export function layOut(command: Command): void {
  const plain = Help.prototype;
  command.configureHelp({
    padWidth(ofCommand, helper) {
      return Math.min(plain.padWidth.call(this, ofCommand, helper), firstColumnMax);
    },
    formatItem(term, width, description, helper) {
      const format = (text: string) => plain.formatItem.call(this, text, width, description, helper);
      return term.length <= width ? format(term) : `  ${term}\n${format('')}`;
    },
  });
}
