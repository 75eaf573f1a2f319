using Akka.Configuration;

namespace Akka.Util;

/// <summary>Finds the classes that the configuration names. Names from the network never come here.</summary>
internal static class TypeByName
{
    /// <summary>An instance of the class <paramref name="name"/>, made with <paramref name="arguments"/>.</summary>
    public static T Create<T>(string name, params object?[] arguments)
    {
        var type = Find(name);
        if (!typeof(T).IsAssignableFrom(type))
            throw new ConfigurationException($"[{name}] is not a {typeof(T).Name}");
        return (T)Activator.CreateInstance(type, arguments)!;
    }

    /// <summary>
    /// By full name, with or without an assembly. The assembly is looked at first; Akka.NET's classes may live in
    /// other assemblies here, so that afterwards any loaded one will do.
    /// </summary>
    public static Type Find(string name)
    {
        if (Type.GetType(name, throwOnError: false) is { } exact)
            return exact;
        var comma = name.IndexOf(',', StringComparison.Ordinal);
        var fullName = (comma < 0 ? name : name[..comma]).Trim();
        return typeof(TypeByName).Assembly.GetType(fullName)
            ?? AppDomain
                .CurrentDomain.GetAssemblies()
                .Select(assembly => assembly.GetType(fullName))
                .FirstOrDefault(static type => type is not null)
            ?? throw new ConfigurationException($"Class [{name}] not found");
    }
}
