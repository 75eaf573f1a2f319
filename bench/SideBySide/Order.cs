namespace Failover.Bench.SideBySide;

/// <summary>What the command line asks for.</summary>
/// <param name="Rounds">Null: as many as usual.</param>
/// <param name="Only">A part of the names of those who take part; null: all.</param>
/// <param name="Document">A file that the tables are written into, too, between the marks with their names.</param>
internal sealed record Order(string Measure, int? Rounds, string? Only, string? Document)
{
    private static readonly string[] Measures = ["all", "kill", "freeze", "throughput"];

    public bool Asks(string measure) => Measure == "all" || Measure == measure;

    /// <returns>Null: it makes no sense, and the reason was written.</returns>
    public static Order? From(string[] arguments, TextWriter errors)
    {
        var order = new Order("all", Rounds: null, Only: null, Document: null);
        for (var i = 0; i < arguments.Length; i++)
        {
            var next = i + 1 < arguments.Length ? arguments[i + 1] : null;
            switch (arguments[i])
            {
                case "--rounds" when int.TryParse(next, out var rounds) && rounds > 0:
                    order = order with { Rounds = rounds };
                    i++;
                    break;
                case "--only" when next is not null:
                    order = order with { Only = next };
                    i++;
                    break;
                case "--document" when File.Exists(next):
                    order = order with { Document = next };
                    i++;
                    break;
                case var measure when Measures.Contains(measure):
                    order = order with { Measure = measure };
                    break;
                case var unknown:
                    errors.WriteLine(
                        $"error: '{unknown}' makes no sense here. [{string.Join('|', Measures)}] [--rounds NUMBER] [--only NAME] [--document FILE]"
                    );
                    return null;
            }
        }

        return order;
    }
}
