using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Akka.Embedded.Tests;

/// <summary>
/// What an assembly offers in the <c>Akka</c> namespaces, one line for each type and member, in the notation of
/// <c>akka-api.subset.txt</c>. What every object has (<c>Equals</c>, <c>GetHashCode</c>, <c>ToString</c>) is left out.
/// </summary>
internal static class ApiSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Instance
        | BindingFlags.Static
        | BindingFlags.DeclaredOnly;

    private static readonly HashSet<string> OfEveryObject = ["Equals", "GetHashCode", "ToString", "PrintMembers"];

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    public static IEnumerable<Type> TypesOf(Assembly assembly) =>
        assembly
            .GetTypes()
            .Where(type => type.IsVisible && (type.Namespace + ".").StartsWith("Akka.", StringComparison.Ordinal))
            .OrderBy(type => $"{type.Namespace}: {Name(type)}", StringComparer.Ordinal);

    /// <summary>Kind and name, without the base types: <c>Akka.Actor: abstract class ActorBase</c>.</summary>
    public static string Header(Type type) => $"{type.Namespace}: {Kind(type)} {Name(type)}";

    public static IEnumerable<string> BaseTypes(Type type)
    {
        if (type.IsEnum)
            return [];
        var parent = type.BaseType == typeof(object) || type.BaseType == typeof(ValueType) ? null : type.BaseType;
        // That a record compares itself by value is no difference to whoever uses it.
        var bases = type.GetInterfaces()
            .Except(parent?.GetInterfaces() ?? [])
            .Where(each => each.IsVisible && each != typeof(IEquatable<>).MakeGenericType(type));
        if (parent is not null)
            bases = bases.Prepend(parent);
        return bases.Select(Name).Order(StringComparer.Ordinal);
    }

    public static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            var values = Enum.GetNames(type).Select(name => $"{name}={Convert.ToInt64(Enum.Parse(type, name), null)}");
            return [string.Join(", ", values)];
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            var invoke = type.GetMethod("Invoke")!;
            return [$"{Name(invoke.ReturnType)} ({Parameters(invoke)})"];
        }

        return type.GetConstructors(Declared)
            .Where(made => IsSeen(made) && !made.IsStatic)
            .Select(made => $"{Access(made)}new({Parameters(made)})")
            .Concat(type.GetFields(Declared).Where(IsSeen).Select(Describe))
            .Concat(type.GetProperties(Declared).Where(IsOwn).Select(Describe))
            .Concat(type.GetMethods(Declared).Where(IsOwn).Select(Describe));
    }

    private static string Kind(Type type) =>
        type switch
        {
            { IsInterface: true } => "interface",
            { IsEnum: true } => "enum",
            { IsValueType: true } => "struct",
            _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return $"{Name(type.GetElementType()!)}[]";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return $"{Name(underlying)}?";
        if (type.IsGenericParameter)
            return type.Name;
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        return NestedName(type, type.GetGenericArguments());
    }

    private static string NestedName(Type type, Type[] arguments)
    {
        var outer = type.DeclaringType is { } declaring
            ? NestedName(declaring, arguments[..declaring.GetGenericArguments().Length]) + "."
            : "";
        var plain = type.Name.Split('`')[0];
        var inherited = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        var own = arguments[inherited..];
        return own.Length == 0 ? outer + plain : $"{outer}{plain}<{string.Join(", ", own.Select(Name))}>";
    }

    private static string Describe(FieldInfo field)
    {
        var access = field.IsFamily ? "protected " : "";
        if (field.IsLiteral)
            return $"{access}const {Name(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}";
        var shared = field.IsStatic ? "static " : "";
        var fixedOnce = field.IsInitOnly ? "readonly " : "";
        return $"{access}{shared}{fixedOnce}{Name(field.FieldType)} {field.Name}";
    }

    private static string Describe(PropertyInfo property)
    {
        var accessor = property.GetAccessors(nonPublic: true).First(IsSeen);
        var index = property.GetIndexParameters();
        var name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(Parameter))}]";
        var get = property.GetMethod is { } getter && IsSeen(getter) ? "get; " : "";
        var set = property.SetMethod is { } setter && IsSeen(setter) ? "set; " : "";
        return $"{Access(accessor)}{Modifier(accessor)}{Name(property.PropertyType)} {name} {{ {get}{set}}}";
    }

    private static string Describe(MethodInfo method)
    {
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
        var extended = method.IsDefined(typeof(ExtensionAttribute), inherit: false) ? "this " : "";
        return $"{Access(method)}{Modifier(method)}{Name(method.ReturnType)} {method.Name}{generic}"
            + $"({extended}{Parameters(method)})";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var passing =
            parameter.IsOut ? "out "
            : parameter.ParameterType.IsByRef ? "ref "
            : parameter.IsDefined(typeof(ParamArrayAttribute), inherit: false) ? "params "
            : "";
        var assigned = parameter.HasDefaultValue ? $" = {Default(parameter)}" : "";
        return $"{passing}{Name(parameter.ParameterType)} {parameter.Name}{assigned}";
    }

    private static string Default(ParameterInfo parameter) =>
        parameter.DefaultValue switch
        {
            null
                when parameter.ParameterType.IsValueType
                    && Nullable.GetUnderlyingType(parameter.ParameterType) is null => "default",
            null => "null",
            string text => $"\"{text}\"",
            bool value => value ? "true" : "false",
            var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifier(MethodBase method)
    {
        if (method.DeclaringType!.IsInterface && !method.IsStatic)
            return "";
        if (method.IsStatic)
            return "static ";
        if (method.IsAbstract)
            return "abstract ";
        if (method is MethodInfo { IsVirtual: true } overriding && overriding.GetBaseDefinition() != method)
            return "override ";
        return method is { IsVirtual: true, IsFinal: false } ? "virtual " : "";
    }

    // Akka.NET's listing leaves out what is protected internal there; such a member shows where another assembly overrides it.
    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily;

    private static bool IsSeen(FieldInfo field) => (field.IsPublic || field.IsFamily) && !field.IsSpecialName;

    /// <summary>What overrides adds nothing to the surface: the base type's line already stands for it.</summary>
    private static bool IsOwn(MethodInfo method) =>
        IsSeen(method)
        && method.GetBaseDefinition() == method
        && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
        && !OfEveryObject.Contains(method.Name)
        && !method.Name.Contains('<', StringComparison.Ordinal);

    private static bool IsOwn(PropertyInfo property) =>
        property
            .GetAccessors(nonPublic: true)
            .Any(accessor => IsSeen(accessor) && accessor.GetBaseDefinition() == accessor)
        && property.Name != "EqualityContract";
}
