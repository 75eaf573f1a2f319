using Failover.Core.Views;
using FsCheck;
using FsCheck.Fluent;

namespace Failover.Messages.Tests;

public sealed class StateCodecTests
{
    [Fact]
    public void An_acceptors_memory_is_read_as_it_was_written() =>
        Prop.ForAll(
                Arb.From(Arbitrary.Memory),
                memory => Spelled.Same(memory, StateCodec.Decode(StateCodec.Encode(memory)))
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Fact]
    public void An_acceptor_that_was_never_asked_has_a_memory_too() =>
        Spelled.Same(AcceptorState.Initial, StateCodec.Decode(StateCodec.Encode(AcceptorState.Initial)));

    [Fact]
    public void What_is_no_acceptors_memory_is_refused() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<byte[]>(),
                bytes =>
                {
                    try
                    {
                        StateCodec.Decode(bytes);
                    }
                    catch (InvalidDataException)
                    {
                        // Refused: that is one of the two right answers.
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
}
