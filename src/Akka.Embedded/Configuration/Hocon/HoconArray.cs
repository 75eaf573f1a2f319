namespace Akka.Configuration.Hocon;

public class HoconArray : List<HoconValue>, IHoconElement
{
    public bool IsString() => false;

    public string GetString() => throw new ConfigurationException("a list is not a text");

    public bool IsArray() => true;

    public IList<HoconValue> GetArray() => this;

    public override string ToString() => HoconWriter.Write(this);
}
