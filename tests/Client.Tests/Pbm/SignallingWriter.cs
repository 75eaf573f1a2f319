namespace Failover.Client.Tests.Pbm;

/// <summary>Calls back when a certain line is written.</summary>
internal sealed class SignallingWriter(string line) : StringWriter
{
    public Action Seen { get; set; } = () => { };

    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value == line)
            Seen();
    }
}
