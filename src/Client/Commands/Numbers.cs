using System.CommandLine;
using System.Globalization;

namespace Failover.Client.Commands;

/// <summary>Bounds for numeric options, with a message that names them.</summary>
internal static class Numbers
{
    public static void Check(Option option, long least, long most) =>
        option.Validators.Add(result =>
        {
            if (
                result.Tokens is [var token]
                && !(
                    long.TryParse(token.Value, CultureInfo.InvariantCulture, out var value)
                    && value >= least
                    && value <= most
                )
            )
                result.AddError($"{option.Name} must be a whole number from {least} to {most}, not '{token.Value}'");
        });
}
