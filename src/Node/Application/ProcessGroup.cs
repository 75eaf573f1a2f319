using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Failover.Node.Application;

/// <summary>A child process that leads a process group, with what it and its children print on one pipe. One thread uses it.</summary>
internal sealed unsafe class ProcessGroup : IDisposable
{
    private const int BufferBytes = 4096;

    /// <summary>More than a pipe holds: 64 KiB.</summary>
    private const int PipeBytes = 128 << 10;

    private readonly int _pid;
    private readonly int _ended;
    private int _output;

    private ProcessGroup(int pid, int output)
    {
        _pid = pid;
        _output = output;
        _ended = Posix.OpenProcess(pid);
    }

    /// <summary>The program itself has ended; others of its group may still run.</summary>
    public bool HasEnded => Posix.HasEnded(_pid);

    /// <param name="file">An executable file's path.</param>
    /// <param name="arguments">The first one is the program's own name.</param>
    /// <exception cref="Win32Exception">It cannot be run.</exception>
    public static ProcessGroup Start(string file, IEnumerable<string> arguments, IEnumerable<string> environment)
    {
        var ends = stackalloc int[2];
        if (Posix.Pipe(ends, Posix.CloseOnExec) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        var (read, write) = (ends[0], ends[1]);
        var (actions, attributes, signals) = (
            new byte[Posix.OpaqueBytes],
            new byte[Posix.OpaqueBytes],
            new byte[Posix.OpaqueBytes]
        );
        using var path = new CStrings([file, "/dev/null"]);
        using var argv = new CStrings(arguments);
        using var envp = new CStrings(environment);
        fixed (
            byte* act = actions,
                attr = attributes,
                set = signals
        )
        {
            Must(Posix.InitActions(act));
            Must(Posix.AddOpen(act, 0, path.Pointer[1], Posix.ReadOnly, 0));
            Must(Posix.AddDuplicate(act, write, 1));
            Must(Posix.AddDuplicate(act, write, 2));
            Must(Posix.InitAttributes(attr));
            Must(Posix.SetFlags(attr, Posix.SpawnSetGroup | Posix.SpawnSetSignalDefaults | Posix.SpawnSetSignalMask));
            Must(Posix.SetGroup(attr, 0));
            Must(Posix.EmptySet(set));
            Must(Posix.SetSignalMask(attr, set));
            // The runtime ignores it, and what is ignored stays so in a child: a script's `… | head` would never end.
            Must(Posix.AddToSet(set, Posix.SigPipe));
            Must(Posix.SetSignalDefaults(attr, set));
            int pid;
            var error = Posix.Spawn(&pid, path.Pointer[0], act, attr, argv.Pointer, envp.Pointer);
            Posix.DestroyActions(act);
            Posix.DestroyAttributes(attr);
            Posix.Close(write);
            if (error == 0)
                return new ProcessGroup(pid, read);
            Posix.Close(read);
            throw new Win32Exception(error);
        }
    }

    /// <summary>Waits until the program has ended or printed something, which goes to <paramref name="heard"/>; or until the time is over.</summary>
    /// <returns>Whether it printed something.</returns>
    public bool Wait(TimeSpan atMost, LastLine heard)
    {
        // Where the kernel cannot tell the end of a process, it is looked for every now and then.
        var patience = _ended >= 0 ? atMost : TimeSpan.FromMilliseconds(Math.Min(20, atMost.TotalMilliseconds));
        var entries = stackalloc Posix.PollEntry[2];
        entries[0] = new Posix.PollEntry { File = _output, Wanted = Posix.PollIn };
        entries[1] = new Posix.PollEntry { File = _ended, Wanted = Posix.PollIn };
        return Posix.Poll(entries, 2, (int)Math.Ceiling(patience.TotalMilliseconds)) > 0
            && entries[0].Got != 0
            && Hear(heard);
    }

    /// <summary>What was printed at the very end is still in the pipe; whoever left the group and prints on is not listened to for ever.</summary>
    public void Drain(LastLine heard)
    {
        for (var drained = 0; drained < PipeBytes && Wait(TimeSpan.Zero, heard); drained += BufferBytes)
            continue;
    }

    /// <summary>Ends the program and everything it started, unless that left the group on purpose.</summary>
    public void Kill() => Posix.Kill(-_pid, Posix.SigKill);

    /// <summary>How the program ended, in words; null for exit code 0. Only once it has ended.</summary>
    public string? Reap()
    {
        int status;
        if (Posix.Wait(_pid, &status, 0) != _pid)
            return "its exit code cannot be learned, because this process was started with SIGCHLD ignored";
        var signal = status & 0x7f;
        return (signal, status >> 8 & 0xff) switch
        {
            (0, 0) => null,
            (0, var code) => $"exit {code}",
            _ => $"killed by signal {signal}",
        };
    }

    public void Dispose()
    {
        if (_output >= 0)
            Posix.Close(_output);
        if (_ended >= 0)
            Posix.Close(_ended);
    }

    /// <summary>These fail for want of memory only.</summary>
    private static void Must(int error)
    {
        if (error != 0)
            throw new Win32Exception(error);
    }

    private bool Hear(LastLine heard)
    {
        var buffer = stackalloc byte[BufferBytes];
        var read = Posix.Read(_output, buffer, BufferBytes);
        if (read > 0)
        {
            heard.Add(new ReadOnlySpan<byte>(buffer, (int)read));
            return true;
        }

        Posix.Close(_output);
        _output = -1;
        return false;
    }

    /// <summary>Strings as C wants them: null-terminated, in a null-terminated array.</summary>
    private sealed class CStrings : IDisposable
    {
        private readonly int _count;

        public CStrings(IEnumerable<string> strings)
        {
            var all = strings.ToArray();
            _count = all.Length;
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
            for (var i = 0; i < _count; i++)
            {
                var bytes = Encoding.UTF8.GetByteCount(all[i]);
                Pointer[i] = (byte*)NativeMemory.AllocZeroed((nuint)bytes + 1);
                Encoding.UTF8.GetBytes(all[i], new Span<byte>(Pointer[i], bytes));
            }
        }

        public byte** Pointer { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++)
                NativeMemory.Free(Pointer[i]);
            NativeMemory.Free(Pointer);
        }
    }
}
