/** Texts for people are not mutated: no verdict hangs on their words, and no test should. */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const ERRORS = ['Error', 'RangeError', 'TypeError'];
/** Fields of refusals and faults that only people read. */
const TEXT_FIELDS = ['detail', 'need', 'have', 'text'];

function isText(path) {
  const { parent } = path;
  if (parent.type === 'NewExpression') return ERRORS.includes(parent.callee.name);
  if (parent.type === 'ObjectProperty') return TEXT_FIELDS.includes(parent.key.name);
  // refuse(op, error, detail)
  const isRefusal = parent.type === 'CallExpression' && parent.callee.name === 'refuse';
  return isRefusal && parent.arguments.indexOf(path.node) === 2;
}

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'texts', {
    shouldIgnore(path) {
      const isString = path.isStringLiteral() || path.isTemplateLiteral();
      return isString && isText(path) ? 'a text for people' : undefined;
    },
  }),
];
