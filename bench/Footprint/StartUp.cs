using System.Globalization;
using Failover.Formation;

namespace Failover.Bench.Footprint;

/// <summary>How long after its process started a node listens, is a member, and serves or is in sync.</summary>
internal static class StartUp
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task Run(int rounds, string[] options)
    {
        var founding = new Milestones();
        var coming = new Milestones();
        for (var round = 0; round < rounds; round++)
        {
            await using var formation = await LocalFormation.Start([.. options]).ConfigureAwait(false);
            foreach (var node in formation.Nodes)
                founding.Add(formation, node, SinceStart(node, DateTime.Now), isBack: false);
            await Return(formation, coming).ConfigureAwait(false);
        }

        Console.WriteLine();
        Console.WriteLine(
            $"A formation starts, median (longest) of {rounds} rounds, ms after the node's process started:"
        );
        Console.WriteLine();
        founding.Print();
        Console.WriteLine();
        Console.WriteLine("One of its nodes was killed and is started again:");
        Console.WriteLine();
        coming.Print();
    }

    /// <summary>Kills the primary, and starts it again when the other one serves.</summary>
    private static async Task Return(LocalFormation formation, Milestones milestones)
    {
        var entry = formation.Nodes.First(n => !n.Roles.Contains("data")).Name;
        var before = await formation
            .Until(entry, c => c.Primary() is not null && c.InSync().Length > 1, "a standby in sync", Patience)
            .ConfigureAwait(false);
        var lost = before.Primary()!;
        var wasLogged = formation.LogOf(lost).Length;
        formation.Kill(lost);
        await formation
            .Until(
                entry,
                c => c.Epoch() > before.Epoch() && c.Reported(c.Primary()!) == "primary",
                "a new primary",
                Patience
            )
            .ConfigureAwait(false);
        await formation.StartNode(lost).ConfigureAwait(false);
        await formation
            .Until(entry, c => c.InSync().Contains(lost) && c.Reported(lost) == "standby", "it is back", Patience)
            .ConfigureAwait(false);
        var node = formation.Node(lost);
        milestones.Add(formation, node, SinceStart(node, DateTime.Now), isBack: true, wasLogged);
    }

    private static TimeSpan SinceStart(RunningNode node, DateTime at) => at - ProcessUsage.StartedAt(node.Pid!.Value);

    /// <summary>The instants that nodes' logs tell, by kind of node.</summary>
    private sealed class Milestones
    {
        private static readonly (string Name, Func<string, string, bool> Marks)[] Marks =
        [
            ("engine listens", (line, _) => line.Contains("Remoting now listens", StringComparison.Ordinal)),
            ("HTTP listens", (line, _) => line.Contains("HTTP listens on", StringComparison.Ordinal)),
            (
                "member Up",
                (line, self) => self.Length > 0 && line.EndsWith($"- {self} is Up", StringComparison.Ordinal)
            ),
            ("replica has a role", (line, _) => line.Contains(" joins partition 0", StringComparison.Ordinal)),
            (
                "serves as primary",
                (line, _) => line.Contains("serves partition 0 as primary", StringComparison.Ordinal)
            ),
        ];

        private readonly Dictionary<string, List<double>[]> _byKind = [];

        /// <param name="doneAfter">When <c>up</c> or <c>start</c> was satisfied, or the replica was in sync again.</param>
        public void Add(LocalFormation formation, RunningNode node, TimeSpan doneAfter, bool isBack, int skip = 0)
        {
            var cpu = ProcessUsage.Cpu(node.Pid!.Value);
            var kind = isBack ? "back again" : node.Roles[0];
            if (!_byKind.TryGetValue(kind, out var columns))
                _byKind[kind] = columns = [.. Enumerable.Range(0, Marks.Length + 2).Select(_ => new List<double>())];
            var startedAt = ProcessUsage.StartedAt(node.Pid!.Value);
            var lines = formation.LogOf(node.Name)[skip..].Split('\n');
            var self = lines.First(l => l.Contains("Remoting now listens", StringComparison.Ordinal)).Split('[', ']')[
                ^2
            ];
            for (var i = 0; i < Marks.Length; i++)
            {
                if (lines.FirstOrDefault(l => Marks[i].Marks(l, self)) is { } line)
                    columns[i].Add((TimeOf(line) - startedAt.TimeOfDay).TotalMilliseconds);
            }

            columns[^2].Add(doneAfter.TotalMilliseconds);
            columns[^1].Add(cpu.TotalMilliseconds);
        }

        public void Print()
        {
            Console.WriteLine($"| node | {string.Join(" | ", Marks.Select(m => m.Name))} | all in sync | CPU used |");
            Console.WriteLine($"|---{string.Concat(Enumerable.Repeat("|---", Marks.Length + 2))}|");
            foreach (var (kind, columns) in _byKind)
                Console.WriteLine($"| {kind} | {string.Join(" | ", columns.Select(Median))} |");
        }

        private static TimeSpan TimeOf(string line) =>
            TimeSpan.ParseExact(line[..12], @"hh\:mm\:ss\.fff", CultureInfo.InvariantCulture);

        private static string Median(List<double> values)
        {
            if (values.Count == 0)
                return "–";
            var sorted = values.Order().ToArray();
            return string.Create(CultureInfo.InvariantCulture, $"{sorted[sorted.Length / 2]:0} ({sorted[^1]:0})");
        }
    }
}
