namespace Akka.Configuration.Hocon;

/// <summary>Turns what was written into values: substitutions, concatenations and merges.</summary>
/// <remarks>
/// Lazy, as the specification asks: <c>${a.b}</c> resolves only what it needs of <c>a</c>, so settings of one
/// object may refer to each other. A substitution inside a key's own definition means what the key held before
/// (<c>path = ${path}":/usr/bin"</c>). Two markers find such self-references, and real cycles with them:
/// <list type="number">
/// <item><see cref="_resolving"/>: a definition whose whole value is being computed. Asking for the whole value
/// again can only mean the definitions before it.</item>
/// <item><see cref="_substituting"/>: a definition one of whose substitutions is being followed. On the way to a
/// setting below the key that substitution must not be followed again, but objects beside it still count.</item>
/// </list>
/// A chain that ends in no definition is a missing value, whether it never began or ran in a circle.
/// </remarks>
internal sealed class HoconResolver(HoconSyntax.Object document, Func<string, string?> environment)
{
    private readonly Dictionary<HoconSyntax.Field, int> _resolving = [];
    private readonly Dictionary<HoconSyntax.Field, int> _substituting = [];

    public HoconValue Resolve() => HoconValue.Of(ResolveObject(document), document.Position);

    private HoconObject ResolveObject(HoconSyntax.Object syntax)
    {
        var result = new HoconObject();
        foreach (var (key, field) in syntax.Fields)
        {
            if (ResolveField(field) is { } value)
                result.Items[key] = value;
        }

        return result;
    }

    private HoconValue? ResolveField(HoconSyntax.Field field)
    {
        var last = field.Definitions.Count - 1;
        if (_resolving.TryGetValue(field, out var resolving))
            last = Math.Min(last, resolving - 1);
        if (_substituting.TryGetValue(field, out var substituting))
            last = Math.Min(last, substituting - 1);
        return ResolveField(field, last);
    }

    /// <summary>The value after the definitions up to <paramref name="last"/>.</summary>
    private HoconValue? ResolveField(HoconSyntax.Field field, int last)
    {
        HoconValue? result = null;
        for (var index = last; index >= 0; index--)
        {
            var value = Marked(_resolving, field, index, () => Resolve(field.Definitions[index], field, index));
            // An undefined optional substitution leaves the key as it was.
            if (value is null)
                continue;
            result = result is null ? value : HoconValue.Merge(result, value);
            if (!value.IsObject())
                break;
        }

        return result;
    }

    private HoconValue? Resolve(HoconSyntax syntax, HoconSyntax.Field field, int index)
    {
        switch (syntax)
        {
            case HoconSyntax.Text text:
                return Literal(text.Value, text.Position);
            case HoconSyntax.Object nested:
                return HoconValue.Of(ResolveObject(nested), nested.Position);
            case HoconSyntax.Array array:
                var items = new HoconArray();
                items.AddRange(array.Items.Select(item => Resolve(item, field, index)).OfType<HoconValue>());
                return HoconValue.Of(items, array.Position);
            case HoconSyntax.Substitution substitution:
                return Follow(substitution, field, index);
            case HoconSyntax.Previous:
                return ResolveField(field, index - 1);
            case HoconSyntax.Concatenation concatenation:
                return Concatenate(concatenation, field, index);
            default:
                throw new System.Diagnostics.UnreachableException($"Unhandled syntax: {syntax}");
        }
    }

    private HoconValue? Follow(HoconSyntax.Substitution substitution, HoconSyntax.Field field, int index)
    {
        var found = Marked(_substituting, field, index, () => Find(document, substitution.Path));
        if (found is not null)
            return found;
        var name = string.Join('.', substitution.Path);
        if (environment(name) is { } variable)
            return Literal(variable, substitution.Position);
        return substitution.IsOptional
            ? null
            : throw substitution.Position.Error(
                $"${{{name}}} is defined neither here nor in the environment, or only by itself"
            );
    }

    private HoconValue? Find(HoconSyntax.Object syntax, ReadOnlySpan<string> path)
    {
        if (!syntax.Fields.TryGetValue(path[0], out var field))
            return null;
        return path.Length == 1 ? ResolveField(field) : FindBelow(field, path[1..]);
    }

    private HoconValue? FindBelow(HoconSyntax.Field field, ReadOnlySpan<string> path)
    {
        HoconValue? result = null;
        for (var index = field.Definitions.Count - 1; index >= 0; index--)
        {
            // Parts of a concatenation of objects hide each other from right to left as definitions do.
            IReadOnlyList<HoconSyntax> parts = field.Definitions[index] is HoconSyntax.Concatenation concatenation
                ? concatenation.Parts
                : [field.Definitions[index]];
            for (var part = parts.Count - 1; part >= 0; part--)
            {
                if (parts[part] is HoconSyntax.Text { IsBlank: false } or HoconSyntax.Array)
                    return result;
                if (FindInPart(parts[part], field, index, path) is not { } found)
                    continue;
                result = result is null ? found : HoconValue.Merge(result, found);
                if (!found.IsObject())
                    return result;
            }
        }

        return result;
    }

    private HoconValue? FindInPart(HoconSyntax part, HoconSyntax.Field field, int index, ReadOnlySpan<string> path)
    {
        if (part is HoconSyntax.Object nested)
            return Find(nested, path);
        if (part is not HoconSyntax.Substitution substitution)
            return null;
        if (_substituting.TryGetValue(field, out var following) && index >= following)
            return null;
        string[] whole = [.. substitution.Path, .. path];
        return Marked(_substituting, field, index, () => Find(document, whole));
    }

    private HoconValue? Concatenate(HoconSyntax.Concatenation concatenation, HoconSyntax.Field field, int index)
    {
        HoconValue? joined = null;
        // White space counts between texts only, so it waits until the next part shows what it is.
        var blanks = "";
        foreach (var part in concatenation.Parts)
        {
            if (part is HoconSyntax.Text { IsBlank: true } blank)
            {
                blanks = blank.Value!;
                continue;
            }

            if (Resolve(part, field, index) is not { } next)
                continue;
            joined = joined is null ? next : Join(joined, blanks, next, part.Position);
            blanks = "";
        }

        return joined;
    }

    private static HoconValue Join(HoconValue left, string blanks, HoconValue right, HoconPosition position)
    {
        if (left.IsObject() && right.IsObject())
            return HoconValue.Merge(right, left);
        if (left.IsArray() && right.IsArray())
        {
            var items = new HoconArray();
            items.AddRange(left.GetArray());
            items.AddRange(right.GetArray());
            return HoconValue.Of(items, left.Position);
        }

        if (left.IsString() && right.IsString())
            return Literal($"{TextOf(left)}{blanks}{TextOf(right)}", left.Position ?? position);
        throw position.Error($"{Kind(right)} cannot follow {Kind(left)}; a comma or a line end is missing");
    }

    private static string TextOf(HoconValue value) => value.GetString() ?? "null";

    private static string Kind(HoconValue value) =>
        value.IsObject() ? "an object"
        : value.IsArray() ? "a list"
        : "a text";

    private static HoconValue Literal(string? text, HoconPosition? position) =>
        HoconValue.Of(new HoconLiteral { Value = text }, position);

    private static T Marked<T>(
        Dictionary<HoconSyntax.Field, int> marks,
        HoconSyntax.Field field,
        int index,
        Func<T> action
    )
    {
        var marked = marks.TryGetValue(field, out var before);
        marks[field] = index;
        try
        {
            return action();
        }
        finally
        {
            if (marked)
                marks[field] = before;
            else
                marks.Remove(field);
        }
    }
}
