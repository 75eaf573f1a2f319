using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Fails unless the next message is a <typeparamref name="T"/> and comes in time.</summary>
    public T ExpectMsg<T>(
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect<T>(duration, hint, Nothing, cancellationToken);

    public T ExpectMsg<T>(
        T message,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect(timeout, hint, EqualTo(message, hint), cancellationToken);

    public T ExpectMsg<T>(
        Predicate<T> isMessage,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect(timeout, hint, Fulfilling(isMessage, hint), cancellationToken);

    /// <summary>Fails as <paramref name="assert"/> does.</summary>
    public T ExpectMsg<T>(
        Action<T> assert,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect<T>(timeout, hint, (message, _) => assert(message), cancellationToken);

    public T ExpectMsg<T>(
        Func<T, IActorRef, bool> isMessageAndSender,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect(timeout, hint, Fulfilling(isMessageAndSender, hint), cancellationToken);

    public T ExpectMsg<T>(
        Action<T, IActorRef> assertMessageAndSender,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect(timeout, hint, assertMessageAndSender, cancellationToken);

    public T ExpectMsg<T>(
        T expected,
        Func<T, T, bool> comparer,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) =>
        Expect<T>(
            timeout,
            hint,
            (message, _) => _assertions.AssertEqual(expected, message, comparer, "Another message came"),
            cancellationToken
        );

    public ValueTask<T> ExpectMsgAsync<T>(
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => ExpectAsync<T>(duration, hint, Nothing, cancellationToken);

    public ValueTask<T> ExpectMsgAsync<T>(
        T message,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => ExpectAsync(timeout, hint, EqualTo(message, hint), cancellationToken);

    public ValueTask<T> ExpectMsgAsync<T>(
        Predicate<T> isMessage,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => ExpectAsync(timeout, hint, Fulfilling(isMessage, hint), cancellationToken);

    public ValueTask<T> ExpectMsgAsync<T>(
        Action<T> assert,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => ExpectAsync<T>(timeout, hint, (message, _) => assert(message), cancellationToken);

    public T ExpectMsgFrom<T>(
        IActorRef sender,
        TimeSpan? duration = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect(duration, hint, From<T>(sender, Nothing), cancellationToken);

    public T ExpectMsgFrom<T>(
        IActorRef sender,
        T message,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect(timeout, hint, From(sender, EqualTo(message, hint)), cancellationToken);

    public T ExpectMsgFrom<T>(
        IActorRef sender,
        Predicate<T> isMessage,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect(timeout, hint, From(sender, Fulfilling(isMessage, hint)), cancellationToken);

    /// <summary>Fails unless the next message says that <paramref name="target"/>, which is watched, has ended.</summary>
    public Terminated ExpectTerminated(
        IActorRef target,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => Expect(timeout, hint, EndOf(target), cancellationToken);

    public ValueTask<Terminated> ExpectTerminatedAsync(
        IActorRef target,
        TimeSpan? timeout = null,
        string? hint = null,
        CancellationToken cancellationToken = default
    ) => ExpectAsync(timeout, hint, EndOf(target), cancellationToken);

    /// <summary>Waits for what is left of the surrounding Within (outside of one: 3 s); fails if a message comes.</summary>
    public void ExpectNoMsg(CancellationToken cancellationToken = default) =>
        ExpectSilence(RemainingOrDefault, cancellationToken);

    public void ExpectNoMsg(TimeSpan duration, CancellationToken cancellationToken = default) =>
        ExpectSilence(Dilated(duration), cancellationToken);

    public void ExpectNoMsg(int milliseconds, CancellationToken cancellationToken = default) =>
        ExpectNoMsg(TimeSpan.FromMilliseconds(milliseconds), cancellationToken);

    public ValueTask ExpectNoMsgAsync(CancellationToken cancellationToken = default) =>
        ExpectSilenceAsync(RemainingOrDefault, cancellationToken);

    public ValueTask ExpectNoMsgAsync(TimeSpan duration, CancellationToken cancellationToken = default) =>
        ExpectSilenceAsync(Dilated(duration), cancellationToken);

    public ValueTask ExpectNoMsgAsync(int milliseconds, CancellationToken cancellationToken = default) =>
        ExpectNoMsgAsync(TimeSpan.FromMilliseconds(milliseconds), cancellationToken);

    private static void Nothing<T>(T message, IActorRef sender) { }

    private Action<T, IActorRef> EqualTo<T>(T expected, string? hint) =>
        (message, sender) =>
        {
            if (!EqualityComparer<T>.Default.Equals(expected, message))
                Fail($"{expected} was expected, and {message} came from {sender}", hint);
        };

    private Action<T, IActorRef> Fulfilling<T>(Predicate<T> isMessage, string? hint) =>
        Fulfilling<T>((message, _) => isMessage(message), hint);

    private Action<T, IActorRef> Fulfilling<T>(Func<T, IActorRef, bool> isMessage, string? hint) =>
        (message, sender) =>
        {
            if (!isMessage(message, sender))
                Fail($"{message} from {sender} does not fulfil the predicate", hint);
        };

    private Action<T, IActorRef> From<T>(IActorRef expected, Action<T, IActorRef> check) =>
        (message, sender) =>
        {
            if (!expected.Equals(sender))
                Fail($"A message from {expected} was expected, and {message} came from {sender}");
            check(message, sender);
        };

    private Action<Terminated, IActorRef> EndOf(IActorRef target) =>
        (terminated, _) =>
        {
            if (!target.Equals(terminated.ActorRef))
                Fail($"The end of {target} was expected, and {terminated.ActorRef} ended");
        };

    private T Expect<T>(
        TimeSpan? timeout,
        string? hint,
        Action<T, IActorRef> check,
        CancellationToken cancellationToken
    )
    {
        var limit = RemainingOrDilated(timeout);
        return Checked(Take(limit, cancellationToken), limit, hint, check);
    }

    private async ValueTask<T> ExpectAsync<T>(
        TimeSpan? timeout,
        string? hint,
        Action<T, IActorRef> check,
        CancellationToken cancellationToken
    )
    {
        var limit = RemainingOrDilated(timeout);
        return Checked(await TakeAsync(limit, cancellationToken), limit, hint, check);
    }

    private T Checked<T>(MessageEnvelope? envelope, TimeSpan limit, string? hint, Action<T, IActorRef> check)
    {
        if (envelope is null)
            Fail($"A message of type {typeof(T)} was expected, and none came within {limit}", hint);
        if (envelope.Message is not T message)
        {
            Fail(
                $"A message of type {typeof(T)} was expected, and {envelope.Message} "
                    + $"({envelope.Message?.GetType()}) came from {envelope.Sender}",
                hint
            );
            return default;
        }

        check(message, envelope.Sender);
        return message;
    }

    private void ExpectSilence(TimeSpan duration, CancellationToken cancellationToken) =>
        CheckSilence(Take(duration, cancellationToken), duration);

    private async ValueTask ExpectSilenceAsync(TimeSpan duration, CancellationToken cancellationToken) =>
        CheckSilence(await TakeAsync(duration, cancellationToken), duration);

    private void CheckSilence(MessageEnvelope? envelope, TimeSpan duration)
    {
        if (envelope is not null)
            Fail($"No message was expected for {duration}, and {envelope.Message} came from {envelope.Sender}");
        _lastWasNoMessage = true;
    }
}
