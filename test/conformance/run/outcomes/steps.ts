/** The steps of outcomes.feature: one for each way in which a step can end. */
import { After, Before, Status, Then } from '@cucumber/cucumber';
import { DriverFault } from '../../../../conformance/driver/device.ts';
import { EVIDENCE_MEDIA_TYPE } from '../../../../conformance/run/evidence.ts';
import { Failure, Inconclusive } from '../../../../conformance/verdict/outcome.ts';

Before({ tags: '@needs-nothing' }, function () {
  this.attach(JSON.stringify({ notApplicable: 'NOTHING' }), EVIDENCE_MEDIA_TYPE);
  return 'skipped';
});

Before({ tags: '@before-faults' }, () => {
  throw new DriverFault('no-answer', 'the device is gone');
});

After({ tags: '@after-fails' }, () => {
  throw new TypeError('the capture is not there');
});

After(function ({ result }) {
  if (result?.status !== Status.FAILED) return;
  this.attach(JSON.stringify({ seed: 7 }), EVIDENCE_MEDIA_TYPE);
  this.attach(Buffer.from([1, 2, 254]), { mediaType: 'application/x-pcapng' });
});

Then('a step that passes', () => undefined);
Then('a step that passes if {int} is 1', (n: number) => {
  if (n !== 1) throw new Failure({ expected: '1', observed: String(n) });
});
Then('a step that fails', () => {
  throw new Failure({ expected: 'one thing\nof two lines', observed: 'another\nthing' });
});
Then('a step that finds {word} broken', function (requirement: string) {
  const broken = [{ requirement, expected: 'a', observed: 'b' }];
  this.attach(JSON.stringify({ broken }), EVIDENCE_MEDIA_TYPE);
  throw new Failure({ expected: 'a', observed: 'b' });
});
Then('a step that throws a DriverFault', () => {
  throw new DriverFault('sentinel-lost', 'nothing came');
});
Then('a step that is inconclusive', () => {
  throw new Inconclusive('no-barrier', 'it may still come');
});
Then('a step that throws a TypeError', () => {
  throw new TypeError('undefined is not a packet');
});
Then('a step that throws an Error that says expected and observed', () => {
  throw new Error('expected a\nobserved b');
});
Then('a step that throws a string', () => {
  // oxlint-disable-next-line typescript/only-throw-error -- what a careless library does
  throw 'Failure';
});
Then('a step that is ambiguous', () => undefined);
Then(/^a step that is ambiguous$/u, () => undefined);
Then('a step that is pending', () => 'pending');
Then('a step that skips', () => 'skipped');
