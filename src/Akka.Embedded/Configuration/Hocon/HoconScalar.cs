using System.Globalization;

namespace Akka.Configuration.Hocon;

/// <summary>What a text means when a number, a boolean, a duration or a size is asked for.</summary>
internal static class HoconScalar
{
    public static bool TryBoolean(string text, out bool value)
    {
        value = text is "true" or "on" or "yes";
        return value || text is "false" or "off" or "no";
    }

    public static bool TryInt(string text, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    public static bool TryLong(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    public static bool TryDouble(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    public static bool TryTimeSpan(string text, out TimeSpan value)
    {
        if (text is "infinite")
        {
            value = Timeout.InfiniteTimeSpan;
            return true;
        }

        value = default;
        if (!TrySplit(text, out var amount, out var unit) || TicksOf(unit) is not { } ticks)
            return false;
        if (!TryScale(amount, ticks, out var total))
            return false;
        value = TimeSpan.FromTicks(total);
        return true;
    }

    public static bool TryByteSize(string text, out long value)
    {
        value = 0;
        return TrySplit(text, out var amount, out var unit)
            && amount >= 0
            && BytesOf(unit) is { } bytes
            && TryScale(amount, bytes, out value);
    }

    /// <summary>The ticks (100 ns) of one unit; a bare number counts milliseconds.</summary>
    private static decimal? TicksOf(string unit) =>
        unit switch
        {
            "ns" or "nano" or "nanos" or "nanosecond" or "nanoseconds" => 0.01m,
            "us" or "µs" or "micro" or "micros" or "microsecond" or "microseconds" => TimeSpan.TicksPerMicrosecond,
            "" or "ms" or "milli" or "millis" or "millisecond" or "milliseconds" => TimeSpan.TicksPerMillisecond,
            "s" or "second" or "seconds" => TimeSpan.TicksPerSecond,
            "m" or "minute" or "minutes" => TimeSpan.TicksPerMinute,
            "h" or "hour" or "hours" => TimeSpan.TicksPerHour,
            "d" or "day" or "days" => TimeSpan.TicksPerDay,
            _ => null,
        };

    /// <summary>Powers of 1,000 end in <c>B</c>; powers of 1,024 are written <c>K</c>, <c>Ki</c> or <c>KiB</c>.</summary>
    private static decimal? BytesOf(string unit) =>
        unit switch
        {
            "" or "b" or "B" or "byte" or "bytes" => 1,
            "kB" or "KB" or "kilobyte" or "kilobytes" => 1_000,
            "MB" or "megabyte" or "megabytes" => 1_000_000,
            "GB" or "gigabyte" or "gigabytes" => 1_000_000_000,
            "TB" or "terabyte" or "terabytes" => 1_000_000_000_000,
            "PB" or "petabyte" or "petabytes" => 1_000_000_000_000_000,
            "EB" or "exabyte" or "exabytes" => 1_000_000_000_000_000_000,
            "k" or "K" or "Ki" or "KiB" or "kibibyte" or "kibibytes" => 1L << 10,
            "m" or "M" or "Mi" or "MiB" or "mebibyte" or "mebibytes" => 1L << 20,
            "g" or "G" or "Gi" or "GiB" or "gibibyte" or "gibibytes" => 1L << 30,
            "t" or "T" or "Ti" or "TiB" or "tebibyte" or "tebibytes" => 1L << 40,
            "p" or "P" or "Pi" or "PiB" or "pebibyte" or "pebibytes" => 1L << 50,
            "e" or "E" or "Ei" or "EiB" or "exbibyte" or "exbibytes" => 1L << 60,
            _ => null,
        };

    private static bool TrySplit(string text, out decimal amount, out string unit)
    {
        var trimmed = text.AsSpan().Trim();
        var length = trimmed.LastIndexOfAnyInRange('0', '9') + 1;
        unit = trimmed[length..].Trim().ToString();
        return decimal.TryParse(
            trimmed[..length],
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out amount
        );
    }

    private static bool TryScale(decimal amount, decimal unit, out long total)
    {
        total = 0;
        // Compared before multiplying, because a decimal product past its range throws.
        if (Math.Abs(amount) > long.MaxValue / unit)
            return false;
        total = (long)(amount * unit);
        return true;
    }
}
