using Failover.Client.Commands;

namespace Failover.Client.Interactive;

/// <summary>The interactive console: the same commands, one after the other.</summary>
internal sealed class ConsoleSession(Surroundings surroundings)
{
    public async Task<int> RunAsync()
    {
        var completion = new Completion(surroundings);
        var reader = new LineReader("failover> ", surroundings.IsStyled, completion.Of);
        surroundings.Out.WriteLine(
            "failover console · Tab completes, ↑ recalls, `help` lists the commands, `exit` leaves"
        );
        while (reader.Read() is { } line)
        {
            if (!await ExecuteAsync(line))
                break;
        }

        return ExitCode.Done;
    }

    /// <returns>False when the user leaves.</returns>
    public async Task<bool> ExecuteAsync(string line)
    {
        string[] words = [.. CommandLineText.Split(line, out var isOpen)];
        if (isOpen)
        {
            await surroundings.Error.WriteLineAsync("failover: a quote is not closed");
            return true;
        }

        switch (words)
        {
            case []:
                return true;
            case ["exit" or "quit"]:
                return false;
            case ["help", .. var command]:
                await Application.RunCommandAsync([.. command, "--help"], surroundings);
                return true;
            default:
                surroundings.Interruption.Reset();
                // Whoever types "failover status" here means "status".
                var own = words.Length > 1 && words[0] == CommandTree.ProgramName && !words[1].StartsWith('-');
                await Application.RunCommandAsync(own ? [.. words.Skip(1)] : words, surroundings);
                return true;
        }
    }
}
