#if BASELINES
using FASTER.core;
using Microsoft.Data.Sqlite;

namespace Failover.StorageBench;

/// <summary>FasterLog: enqueue, and wait for the commit that contains it. A loop commits whenever something was added.</summary>
internal sealed class FasterLogBaseline : IDurableLog
{
    private readonly IDevice _device;
    private readonly FasterLog _log;
    private readonly byte[] _entry = new byte[160];
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _added = new(0);
    private readonly Task _committer;

    public FasterLogBaseline(string directory)
    {
        Directory.CreateDirectory(directory);
        _device = Devices.CreateLogDevice(Path.Combine(directory, "log"));
        _log = new FasterLog(new FasterLogSettings { LogDevice = _device });
        _committer = Task.Run(Commit);
    }

    public async Task Append()
    {
        var address = _log.Enqueue(_entry);
        _added.Release();
        await _log.WaitForCommitAsync(address + 1);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _added.Release();
        _committer.Wait();
        _log.Dispose();
        _device.Dispose();
    }

    private async Task Commit()
    {
        while (true)
        {
            await _added.WaitAsync();
            if (_stop.IsCancellationRequested)
                return;
            await _log.CommitAsync();
        }
    }
}

/// <summary>SQLite in WAL mode with synchronous = FULL. One thread writes what has gathered as one transaction.</summary>
internal sealed class SqliteBaseline : IDurableLog
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly Thread _writer;
    private readonly object _gate = new();
    private readonly byte[] _entry = new byte[160];
    private List<TaskCompletionSource> _waiting = [];
    private bool _stop;

    public SqliteBaseline(string directory)
    {
        Directory.CreateDirectory(directory);
        SQLitePCL.Batteries_V2.Init();
        _connection = new SqliteConnection($"Data Source={Path.Combine(directory, "log.db")}");
        _connection.Open();
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        Execute("CREATE TABLE log (seq INTEGER PRIMARY KEY, entry BLOB)");
        _insert = _connection.CreateCommand();
        _insert.CommandText = "INSERT INTO log (entry) VALUES ($entry)";
        _insert.Parameters.AddWithValue("$entry", _entry);
        _writer = new Thread(Write);
        _writer.Start();
    }

    public Task Append()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Add(done);
            System.Threading.Monitor.Pulse(_gate);
        }
        return done.Task;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stop = true;
            System.Threading.Monitor.Pulse(_gate);
        }
        _writer.Join();
        _insert.Dispose();
        _connection.Dispose();
    }

    private void Write()
    {
        while (true)
        {
            List<TaskCompletionSource> group;
            lock (_gate)
            {
                while (_waiting.Count == 0 && !_stop)
                    System.Threading.Monitor.Wait(_gate);
                if (_waiting.Count == 0)
                    return;
                (group, _waiting) = (_waiting, []);
            }
            using (var transaction = _connection.BeginTransaction())
            {
                _insert.Transaction = transaction;
                for (var i = 0; i < group.Count; i++)
                    _insert.ExecuteNonQuery();
                transaction.Commit();
            }
            foreach (var done in group)
                done.SetResult();
        }
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
#endif
