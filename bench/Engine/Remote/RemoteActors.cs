using Akka.Actor;

namespace Failover.Bench.Engine.Remote;

/// <summary>Answers with what it is told.</summary>
internal sealed class Echo : ReceiveActor
{
    public Echo() => ReceiveAny(message => Sender.Tell(message, Self));
}

/// <summary>Swallows messages, and says so once for every <see cref="Batch"/> of them.</summary>
internal sealed class Sink : ReceiveActor
{
    /// <summary>How many messages one acknowledgement stands for.</summary>
    public const int Batch = 500;

    private int _received;

    public Sink() =>
        ReceiveAny(_ =>
        {
            if (++_received % Batch == 0)
                Sender.Tell(Batch, Self);
        });
}

/// <summary>Answers anything with the bytes that its process has allocated so far.</summary>
internal sealed class Meter : ReceiveActor
{
    public Meter() => ReceiveAny(_ => Sender.Tell(GC.GetTotalAllocatedBytes(precise: true), Self));
}

/// <summary>Sends to a <see cref="Sink"/>, a bounded number of messages ahead of its acknowledgements.</summary>
internal sealed class Pump : ReceiveActor
{
    private readonly IActorRef _sink;
    private Burst? _burst;
    private int _sent;
    private int _acknowledged;

    public Pump(IActorRef sink)
    {
        _sink = sink;
        Receive<Burst>(burst =>
        {
            _burst = burst;
            _sent = _acknowledged = 0;
            while (_sent < burst.Ahead)
                SendBatch(burst);
        });
        Receive<int>(received =>
        {
            _acknowledged += received;
            if (!_burst!.IsOver)
                SendBatch(_burst);
            else if (_acknowledged == _sent)
                _burst.Finish(_sent);
        });
    }

    private void SendBatch(Burst burst)
    {
        for (var i = 0; i < Sink.Batch; i++)
            _sink.Tell(burst.Message, Self);
        _sent += Sink.Batch;
    }

    /// <summary>To send until <see cref="IsOver"/>, at most <see cref="Ahead"/> messages unacknowledged.</summary>
    internal sealed class Burst(object message, int ahead)
    {
        private readonly TaskCompletionSource<int> _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _isOver;

        public object Message => message;

        public int Ahead => ahead;

        public bool IsOver => _isOver;

        /// <summary>How many messages were sent and received.</summary>
        public Task<int> Finished => _finished.Task;

        public void End() => _isOver = true;

        public void Finish(int sent) => _finished.TrySetResult(sent);
    }
}
