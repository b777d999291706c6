const { startedAt } = JSON.parse(process.argv[2]);

let first;
const step = (value) => {
  first ??= process.hrtime.bigint();
  return value + 1;
};

await step(await Promise.resolve(1));
console.log(JSON.stringify({ milliseconds: Number(first - BigInt(startedAt)) / 1e6 }));
