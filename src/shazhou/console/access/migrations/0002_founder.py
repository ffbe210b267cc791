from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="founder",
            field=models.BooleanField(default=None, editable=False, null=True, unique=True),
        ),
        migrations.AlterModelOptions(
            name="happening",
            options={"base_manager_name": "objects", "ordering": ("-id",)},
        ),
    ]
