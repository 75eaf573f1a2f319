namespace Akka.Configuration.Hocon;

/// <summary>What was written, before substitutions are resolved.</summary>
internal abstract class HoconSyntax(HoconPosition position)
{
    public HoconPosition Position { get; } = position;

    /// <param name="value">Null for the unquoted <c>null</c>.</param>
    /// <param name="isBlank">White space between two parts, which counts only between texts.</param>
    public sealed class Text(HoconPosition position, string? value, bool isBlank = false) : HoconSyntax(position)
    {
        public string? Value { get; } = value;

        public bool IsBlank { get; } = isBlank;
    }

    public sealed class Substitution(HoconPosition position, string[] path, bool isOptional) : HoconSyntax(position)
    {
        public string[] Path { get; } = path;

        public bool IsOptional { get; } = isOptional;
    }

    /// <summary>What the same key held before: the left side of <c>+=</c>.</summary>
    public sealed class Previous(HoconPosition position) : HoconSyntax(position);

    public sealed class Array(HoconPosition position, IReadOnlyList<HoconSyntax> items) : HoconSyntax(position)
    {
        public IReadOnlyList<HoconSyntax> Items { get; } = items;
    }

    public sealed class Concatenation(HoconPosition position, IReadOnlyList<HoconSyntax> parts) : HoconSyntax(position)
    {
        public IReadOnlyList<HoconSyntax> Parts { get; } = parts;
    }

    public sealed class Object(HoconPosition position) : HoconSyntax(position)
    {
        public Dictionary<string, Field> Fields { get; } = new(StringComparer.Ordinal);

        public void Define(ReadOnlySpan<string> path, HoconSyntax value)
        {
            if (!Fields.TryGetValue(path[0], out var field))
                Fields[path[0]] = field = new Field();
            if (path.Length == 1)
                field.Define(value);
            else
                field.LastObject(value.Position).Define(path[1..], value);
        }

        public void Absorb(Object later)
        {
            foreach (var (key, field) in later.Fields)
            {
                foreach (var definition in field.Definitions)
                    Define([key], definition);
            }
        }
    }

    /// <summary>A key's definitions in the order written; later ones hide earlier ones or, both objects, add to them.</summary>
    public sealed class Field
    {
        private readonly List<HoconSyntax> _definitions = [];

        public IReadOnlyList<HoconSyntax> Definitions => _definitions;

        public void Define(HoconSyntax value)
        {
            if (value is Object added && _definitions is [.., Object last])
                last.Absorb(added);
            else
                _definitions.Add(value);
        }

        public Object LastObject(HoconPosition position)
        {
            if (_definitions is not [.., Object last])
                _definitions.Add(last = new Object(position));
            return last;
        }
    }
}
