using Akka.Actor;

namespace Akka.Embedded.Tests.Behaviour;

/// <summary>Which handler takes a message, and what an actor knows of its surroundings.</summary>
public sealed class HandlerSpecs : Akka.TestKit.Xunit2.TestKit
{
    [Fact]
    public void The_first_handler_that_takes_a_message_has_it()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Sorter()));

        foreach (var message in new object[] { 2, 3, 4.5, "six" })
            actor.Tell(message);

        Assert.Equal(["even 2", "int 3", "number 4.5", "other six"], ReceiveN(4));
    }

    [Fact]
    public void An_untyped_actor_changes_its_one_handler()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Turnstile()));

        foreach (var message in new[] { "coin", "push", "push" })
            actor.Tell(message);

        Assert.Equal(["unlocked", "through", "locked"], ReceiveN(3));
    }

    [Fact]
    public void An_actor_knows_its_parent_and_its_children_until_they_end()
    {
        var parent = Sys.ActorOf(Props.Create(() => new Nest(TestActor)), "nest");

        parent.Tell("hatch");
        var child = ExpectMsg<IActorRef>();
        Assert.Equal(child, ExpectMsg<IActorRef>());
        Assert.Equal(parent, ExpectMsg<IActorRef>());
        Assert.Equal(["nest", "chick"], child.Path.Elements.Skip(1));

        Watch(child);
        parent.Tell("empty");
        ExpectTerminated(child);
        AwaitAssert(() =>
        {
            parent.Tell("count");
            ExpectMsg(0);
        });
    }

    [Fact]
    public void Who_asks_for_nobodys_identity_is_told_so()
    {
        Sys.ActorSelection("/user/nobody").Tell(new Identify("who"), TestActor);

        var identity = ExpectMsg<ActorIdentity>();
        Assert.Equal("who", identity.MessageId);
        Assert.Null(identity.Subject);
    }

    [Fact]
    public void The_end_of_a_task_without_a_result_is_piped_as_what_the_caller_makes_of_it()
    {
        Task.CompletedTask.PipeTo(TestActor, TestActor, () => "done", e => e.Message);
        ExpectMsg("done");

        Task.FromException(new InvalidOperationException("broken"))
            .PipeTo(TestActor, TestActor, () => "done", e => e.Message);
        ExpectMsg("broken");
    }

    private sealed class Sorter : ReceiveActor
    {
        public Sorter()
        {
            Receive<int>(number => Sender.Tell($"even {number}"), number => number % 2 == 0);
            Receive<int>(number => Sender.Tell($"int {number}"));
            Receive<double>(number =>
            {
                Sender.Tell(FormattableString.Invariant($"number {number}"));
                return true;
            });
            ReceiveAny(message => Sender.Tell($"other {message}"));
        }
    }

    private sealed class Turnstile : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is "coin")
            {
                Sender.Tell("unlocked");
                Become(Unlocked);
            }
            else
            {
                Sender.Tell("locked");
            }
        }

        private void Unlocked(object message)
        {
            Sender.Tell("through");
            Become(OnReceive);
        }
    }

    private sealed class Nest : ReceiveActor
    {
        public Nest(IActorRef listener) =>
            Receive<string>(what =>
            {
                if (what == "hatch")
                {
                    listener.Tell(Context.ActorOf(Props.Create(() => new Chick(listener)), "chick"));
                    listener.Tell(Context.Child("chick"));
                    Context.Child("chick").Tell("your parent?");
                }
                else if (what == "empty")
                {
                    foreach (var child in Context.GetChildren())
                        Context.Stop(child);
                }
                else
                {
                    listener.Tell(Context.GetChildren().Count());
                }
            });
    }

    private sealed class Chick : ReceiveActor
    {
        public Chick(IActorRef listener) => ReceiveAny(_ => listener.Tell(Context.Parent));
    }
}
