using System.Runtime.InteropServices;
using Failover.Client;
using Failover.Client.Commands;

var surroundings = Surroundings.OfThisProcess();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);
return await Application.RunAsync(args, surroundings);

void Interrupt(PosixSignalContext context)
{
    context.Cancel = true;
    surroundings.Interruption.Signal();
}
