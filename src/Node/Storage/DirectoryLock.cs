using System.Globalization;
using System.Text;

namespace Failover.Node.Storage;

/// <summary>
/// An advisory lock that the kernel gives back when the process ends, however it ends. The locked file names its holder.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly IDisposable _file;

    private DirectoryLock(IDisposable file) => _file = file;

    /// <exception cref="DataDirectoryException">Another process holds it.</exception>
    /// <exception cref="StorageException">The lock file cannot be opened.</exception>
    public static DirectoryLock Take(string directory, string path)
    {
        var process = Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return new DirectoryLock(
            OperatingSystem.IsLinux() ? TakePosix(directory, path, process) : TakePortable(directory, path, process)
        );
    }

    public void Dispose() => _file.Dispose();

    private static PosixFile TakePosix(string directory, string path, byte[] process)
    {
        var file = PosixFile.Open(path, Libc.ReadWrite | Libc.Create);
        try
        {
            if (!file.TryLock())
            {
                var holder = new byte[20];
                var length = file.ReadAll(holder, 0);
                throw InUse(directory, $"by process {Encoding.ASCII.GetString(holder, 0, length)}");
            }
            file.SetLength(0);
            file.WriteAll(process, 0);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static FileStream TakePortable(string directory, string path, byte[] process)
    {
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.Write(process);
            file.Flush();
            return file;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DataDirectoryException(DataDirectoryProblem.NotWritable, directory, e.Message, e);
        }
        catch (IOException e)
        {
            throw InUse(directory, $"by another process ({e.Message})");
        }
    }

    private static DataDirectoryException InUse(string directory, string holder) =>
        new(DataDirectoryProblem.InUse, directory, $"in use {holder}");
}
