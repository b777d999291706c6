import { pairBrackets } from './brackets.ts';
import { withoutComparedApart } from './compared-apart.ts';
import { type Binding, type ImportDeclaration, importDeclarations } from './import-declarations.ts';
import { isMark, type Token } from './token.ts';
import { withoutLayout } from './without-layout.ts';

/** @internal A module in the parts that its hash is made of. */
export interface ModuleParts {
  /** What it has beside imports, without what is compared apart. */
  readonly body: readonly Token[];
  /** The imports and re-exports that count, with the names that the body uses. */
  readonly imports: readonly ImportDeclaration[];
  /** All of them but those of types. */
  readonly declared: readonly ImportDeclaration[];
}

/**
 * @internal Takes a module apart. An import whose names are used only by what is compared apart, such
 * as the verifier of a hypothesis, does not count.
 *
 * @param specifierOf - Another name for a specifier, such as that of the package that a URL leads to.
 */
export function moduleParts(tokens: readonly Token[], specifierOf: (given: string) => string): ModuleParts {
  const closers = pairBrackets(tokens);
  const declarations = importDeclarations(tokens, closers).map((declaration) => ({
    ...declaration,
    specifier: specifierOf(declaration.specifier),
  }));
  const declared = declarations.filter(({ empty }) => !empty);
  const { body, functions } = withoutComparedApart(tokens, closers, declarations);
  const used = new Set<string>();
  for (const list of [body, functions]) {
    list.forEach((token, index) => {
      if (token.kind === 'name' && !isMark(list[index - 1], '.', '?.')) used.add(token.text);
    });
  }
  const imports = declared
    .map((one) => ({ ...one, bindings: one.bindings.filter(({ local }) => used.has(local)) }))
    .filter(({ kind, bare, bindings }) => kind === 'export' || bare || bindings.length > 0);
  return { body, imports, declared };
}

/** @internal What is hashed of a module. The order of imports, and of the names in them, is layout. */
export function partTexts({ body, imports }: ModuleParts): string[] {
  const brought = imports.filter(({ kind }) => kind === 'import');
  const effects = brought.filter(({ bare }) => bare).map(({ specifier }) => `import:${specifier}`);
  const names = brought.flatMap(({ specifier, bindings }) =>
    bindings.map((binding) => bindingText(specifier, binding)),
  );
  return [...effects, ...names.sort(), ...withoutLayout(body).map(({ text }) => text)];
}

function bindingText(specifier: string, { imported, local }: Binding): string {
  return `import:${specifier}:${imported}:${local}`;
}
