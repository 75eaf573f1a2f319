using System.Reflection;
using System.Reflection.Metadata;

namespace Akka.Embedded.Usage.Tests;

/// <summary>The public members that the engine's assemblies declare, and which of them somebody uses.</summary>
internal sealed class EngineSurface
{
    /// <summary>What every object and every record has, and what collections and comparisons ask for.</summary>
    private static readonly HashSet<string> OfEveryObject =
    [
        "Equals",
        "GetHashCode",
        "ToString",
        "CompareTo",
        "Dispose",
        "Clone",
        "GetEnumerator",
        "Deconstruct",
        "PrintMembers",
        "<Clone>$",
        "get_EqualityContract",
    ];

    private readonly SortedDictionary<string, HashSet<string>> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _basesOf = [];
    private readonly HashSet<string> _interfaces = [];
    private readonly HashSet<string> _used = [];

    public EngineSurface(IEnumerable<MetadataReader> engine)
    {
        foreach (var reader in engine)
        {
            foreach (var handle in reader.TypeDefinitions)
                Add(reader, handle);
        }
    }

    public int Count => _members.Values.Sum(static members => members.Count);

    /// <summary>Notes what <paramref name="user"/> calls, reads, overrides and implements.</summary>
    public void AddUser(MetadataReader user)
    {
        foreach (var handle in user.TypeDefinitions)
            _basesOf.TryAdd(MetadataNames.Of(user, handle), Bases(user, user.GetTypeDefinition(handle)));
        foreach (var handle in user.MemberReferences)
        {
            var reference = user.GetMemberReference(handle);
            var name = user.GetString(reference.Name);
            if (reference.GetKind() == MemberReferenceKind.Method)
                name = MetadataNames.Method(name, reference.DecodeMethodSignature(MetadataNames.Instance, null));
            Use(MetadataNames.Of(user, reference.Parent), name);
        }

        foreach (var handle in user.TypeDefinitions)
            AddImplementations(user, handle);
    }

    /// <summary>The members that nobody uses, except for the constructors of types that <paramref name="settings"/> name.</summary>
    public IEnumerable<string> Unused(string settings) =>
        from type in _members
        from member in type.Value.Order(StringComparer.Ordinal)
        where !IsUsed(type.Key, member) && !(IsConstructor(member) && settings.Contains(type.Key))
        select $"{type.Key}.{member}";

    private static bool IsConstructor(string member) => member.StartsWith(".ctor(", StringComparison.Ordinal);

    private bool IsUsed(string type, string member) =>
        _used.Contains($"{type}.{member}")
        || (!_interfaces.Contains(type) && Above(type).Any(above => _used.Contains($"{above}.{member}")))
        // C# demands the one where the other is.
        || (member.StartsWith("op_Inequality", StringComparison.Ordinal) && IsUsed(type, $"op_E{member[6..]}"));

    private void Add(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var name = MetadataNames.Of(reader, handle);
        var bases = _basesOf[name] = Bases(reader, type);
        var isOffered = IsVisible(reader, type) && name.StartsWith("Akka.", StringComparison.Ordinal);
        if (!isOffered || bases.Contains("System.MulticastDelegate"))
            return;
        if ((type.Attributes & TypeAttributes.Interface) != 0)
            _interfaces.Add(name);
        _members[name] = [.. Methods(reader, type), .. Fields(reader, type)];
    }

    private void AddImplementations(MetadataReader user, TypeDefinitionHandle handle)
    {
        var name = MetadataNames.Of(user, handle);
        foreach (var implemented in Above(name).Where(_interfaces.Contains))
        foreach (var member in _members[implemented])
            _used.Add($"{implemented}.{member}");
        foreach (var method in user.GetTypeDefinition(handle).GetMethods().Select(user.GetMethodDefinition))
        {
            if ((method.Attributes & MethodAttributes.Virtual) == 0)
                continue;
            var signature = method.DecodeSignature(MetadataNames.Instance, null);
            Use(name, MetadataNames.Method(user.GetString(method.Name), signature));
        }
    }

    private void Use(string type, string member)
    {
        foreach (
            var declaring in Above(type).Where(above => _members.TryGetValue(above, out var m) && m.Contains(member))
        )
            _used.Add($"{declaring}.{member}");
    }

    /// <summary>A type and all that it derives from and implements.</summary>
    private IEnumerable<string> Above(string type) =>
        _basesOf.TryGetValue(type, out var bases) ? bases.SelectMany(Above).Prepend(type) : [type];

    private static List<string> Bases(MetadataReader reader, TypeDefinition type)
    {
        List<string> bases =
        [
            .. type.GetInterfaceImplementations()
                .Select(each => MetadataNames.Of(reader, reader.GetInterfaceImplementation(each).Interface)),
        ];
        if (!type.BaseType.IsNil)
            bases.Add(MetadataNames.Of(reader, type.BaseType));
        return bases;
    }

    private static IEnumerable<string> Methods(MetadataReader reader, TypeDefinition type) =>
        from handle in type.GetMethods()
        let method = reader.GetMethodDefinition(handle)
        let name = reader.GetString(method.Name)
        where
            (method.Attributes & MethodAttributes.MemberAccessMask)
                is MethodAttributes.Public
                    or MethodAttributes.Family
                    or MethodAttributes.FamORAssem
            // What overrides adds nothing to the surface.
            && (method.Attributes & (MethodAttributes.Virtual | MethodAttributes.NewSlot)) != MethodAttributes.Virtual
            && !OfEveryObject.Contains(name)
        select MetadataNames.Method(name, method.DecodeSignature(MetadataNames.Instance, null));

    private static IEnumerable<string> Fields(MetadataReader reader, TypeDefinition type) =>
        from handle in type.GetFields()
        let field = reader.GetFieldDefinition(handle)
        where
            (field.Attributes & FieldAttributes.FieldAccessMask)
                is FieldAttributes.Public
                    or FieldAttributes.Family
                    or FieldAttributes.FamORAssem
            // Constants stand in their users as values, without a trace of where these come from.
            && (field.Attributes & (FieldAttributes.Literal | FieldAttributes.SpecialName)) == 0
        select reader.GetString(field.Name);

    private static bool IsVisible(MetadataReader reader, TypeDefinition type) =>
        (type.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.Public => true,
            TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem => IsVisible(
                reader,
                reader.GetTypeDefinition(type.GetDeclaringType())
            ),
            _ => false,
        };
}
