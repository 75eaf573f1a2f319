using Akka.Actor;

namespace Akka.Embedded.Tests.Behaviour;

/// <summary>Messages put aside for later.</summary>
public sealed class StashSpecs : Akka.TestKit.Xunit2.TestKit
{
    [Fact]
    public void The_oldest_message_alone_can_come_back()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Shelf(TestActor)));

        foreach (var message in new[] { "keep a", "keep b", "oldest", "c", "oldest" })
            actor.Tell(message);

        Assert.Equal(["a", "c", "b"], ReceiveN(3));
    }

    [Fact]
    public void Only_those_that_are_chosen_come_back_and_the_others_are_gone()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Shelf(TestActor)));

        foreach (var message in new[] { "keep a", "keep bb", "keep c", "short", "all", "d" })
            actor.Tell(message);

        Assert.Equal(["a", "c", "d"], ReceiveN(3));
    }

    [Fact]
    public void A_message_is_stashed_once_at_most()
    {
        Sys.ActorOf(Props.Create(() => new Shelf(TestActor))).Tell("twice");

        ExpectMsg<IllegalActorStateException>();
    }

    [Fact]
    public void The_stash_is_there_once_the_constructor_is_through()
    {
        Sys.ActorOf(Props.Create(() => new Newborn(TestActor)));

        ExpectMsg("constructed without");
        ExpectMsg("started with");
    }

    private sealed class Newborn : ReceiveActor, IWithStash
    {
        private readonly IActorRef _listener;

        public Newborn(IActorRef listener)
        {
            _listener = listener;
            _listener.Tell(Stash is null ? "constructed without" : "constructed with");
        }

        public IStash Stash { get; set; } = null!;

        protected override void PreStart() => _listener.Tell(Stash is null ? "started without" : "started with");
    }

    /// <summary>Keeps what says so until it is told to take it back.</summary>
    private sealed class Shelf : ReceiveActor, IWithStash
    {
        private bool _back;

        public Shelf(IActorRef listener) =>
            Receive<string>(message =>
            {
                if (message == "twice")
                {
                    Stash.Stash();
                    listener.Tell(Record.Exception(Stash.Stash));
                }
                else if (message == "oldest")
                {
                    _back = true;
                    Stash.Unstash();
                }
                else if (message == "short")
                {
                    _back = true;
                    Stash.UnstashAll(envelope => ((string)envelope.Message).Length == "keep a".Length);
                }
                else if (message == "all")
                {
                    Stash.UnstashAll();
                }
                else if (message.StartsWith("keep ", StringComparison.Ordinal) && !_back)
                {
                    Stash.Stash();
                }
                else
                {
                    listener.Tell(message.Replace("keep ", "", StringComparison.Ordinal));
                }
            });

        public IStash Stash { get; set; } = null!;
    }
}
