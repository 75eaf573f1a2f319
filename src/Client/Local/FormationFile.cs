using System.Text.Json;

namespace Failover.Client.Local;

/// <summary><c>DIR/formation.json</c>: read at any time, written as a whole.</summary>
internal sealed class FormationFile
{
    public const string DefaultDirectory = ".failover";
    public const string FileName = "formation.json";
    public const string LockName = "formation.lock";

    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(20);

    private FormationFile(string directory) => Directory = directory;

    /// <summary>Absolute.</summary>
    public string Directory { get; }

    public string FullName => Path.Combine(Directory, FileName);

    public static FormationFile In(string workingDirectory, string directory) =>
        new(Path.GetFullPath(Path.Combine(workingDirectory, directory)));

    public string LogOf(string node) => Path.Combine(Directory, node + ".log");

    public string DataOf(string node) => Path.Combine(Directory, node);

    public FormationDocument? TryRead()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(FullName), FormationContext.Default.FormationDocument);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new CommandException($"{FullName} is damaged ({e.Message}); `failover up --fresh` starts anew");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{FullName} cannot be read: {e.Message}");
        }
    }

    public FormationDocument Read() =>
        TryRead() ?? throw new CommandException($"no formation in {Directory}; start one with `failover up`");

    public void Write(FormationDocument formation)
    {
        // Renaming is atomic, so a reader sees the old file or the new one.
        var temporary = FullName + ".new";
        try
        {
            var json = JsonSerializer.Serialize(formation, FormationContext.Default.FormationDocument);
            File.WriteAllText(temporary, json + "\n");
            File.Move(temporary, FullName, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{FullName} cannot be written: {e.Message}");
        }
    }

    public void CreateDirectory()
    {
        try
        {
            System.IO.Directory.CreateDirectory(Directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"the directory {Directory} cannot be created: {e.Message}");
        }
    }

    /// <summary>Keeps other commands from changing the same formation until the result is disposed.</summary>
    public async Task<IDisposable> LockAsync(CancellationToken cancel)
    {
        var name = Path.Combine(Directory, LockName);
        for (var waited = TimeSpan.Zero; ; )
        {
            try
            {
                return new FileStream(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (DirectoryNotFoundException)
            {
                throw new CommandException($"no formation in {Directory}; start one with `failover up`");
            }
            catch (UnauthorizedAccessException e)
            {
                throw new CommandException($"{name} cannot be written: {e.Message}");
            }
            catch (IOException e) when (waited >= LockPatience)
            {
                throw new CommandException($"another command is changing the formation in {Directory}: {e.Message}");
            }
            catch (IOException)
            {
                // Held by another command.
                var pause = TimeSpan.FromMilliseconds(25);
                await Task.Delay(pause, cancel);
                waited += pause;
            }
        }
    }

    /// <summary>Removes what <c>up</c> and its nodes wrote, and nothing else that may lie in the directory.</summary>
    public void Wipe(IEnumerable<string> nodes)
    {
        try
        {
            foreach (var node in nodes)
            {
                File.Delete(LogOf(node));
                if (System.IO.Directory.Exists(DataOf(node)))
                    System.IO.Directory.Delete(DataOf(node), recursive: true);
            }

            File.Delete(FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"the data in {Directory} cannot be removed: {e.Message}");
        }
    }
}
